// SluiceSQLite owns the handles of SQLite, the library: connections, statements, functions and tables written in Swift,
// and the limits under which foreign SQL may run. It refuses to know what the SQL is about: no record, row or cursor of
// Sluice is named here. It is the one importer of CSQLite, and no type of C shows in its interface. SluiceTransform and
// SluiceLocalStore may import it.
