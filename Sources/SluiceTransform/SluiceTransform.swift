// SluiceTransform owns what a feature's SQL means: which SQL may run, on what, for how long, and what its results must
// be to become rows. It refuses to know where records come from and where rows go; it opens no file and no socket, and
// asks no clock for a result. The pipeline and the configuration's check import it.
//
// One text passes four gates, in this order: its words (`SQLShape`, for messages with a place), SQLite's authorizer
// (`Sandbox`, which decides), the compiled program (`SQLProgram`, for what the authorizer is not asked), and the names
// of its results (`ResultColumns`).
