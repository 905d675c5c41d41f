// SluiceCore owns the nouns that every other module speaks in (streams, records, rows, versions, outcomes) and the
// contracts between the modules that do the work: `Source`, `Sink`, `CoordinationStore`, `DeadLetterStore`. It refuses
// to know how any of them is done: no file, socket, thread, clock or logger is reached from here. Every module may
// import it; it imports none.
