// SluiceDecisions owns everything that decides: how fast, in what order, what is settled, when to try again. Each part
// takes events and `now` and returns what is to be done; no clock, socket, thread or logger lives in it, so the
// service, the tests and a simulation drive the same code. It refuses to know what a sink or source is made of. The
// pipeline and tests may import it; it imports SluiceCore and swift-collections.
