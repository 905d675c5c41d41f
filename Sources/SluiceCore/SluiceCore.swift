// SluiceCore owns the nouns that every other module speaks in (streams, records, rows, versions, outcomes) and the
// contracts between the modules that do the work: `Source`, `Sink`, `CoordinationStore`, `DeadLetterStore`. It refuses
// to know how any of them is done: no file, socket, thread or logger is reached from here. Of the system it knows two
// things that every module would otherwise write again: what time it is (`SystemClock.swift`) and what an error number
// means (`SystemError.swift`). Every module may import it; it imports none.
