// SluiceLocalStore owns what one host remembers between runs, in SQLite databases on its disk: the embedded coordination
// store (`LocalStore`) and the dead letters (`LocalDeadLetters`). It refuses to know what reads the streams and what
// writes the sinks. Only SluiceService, which assembles the process, may import it.
