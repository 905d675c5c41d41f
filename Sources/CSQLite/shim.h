#pragma once
#include <sqlite3.h>

// Swift does not import macros that cast.
static inline sqlite3_destructor_type sluice_sqlite_transient(void) { return SQLITE_TRANSIENT; }

// Swift does not import variadic functions.
static inline int sluice_sqlite_config(int option, int value) { return sqlite3_config(option, value); }

static inline int sluice_sqlite_db_config(sqlite3 *db, int option, int value) {
    return sqlite3_db_config(db, option, value, (int *)0);
}

// SQLite takes these for the structs that they begin with, which Swift promises for no struct of its own.
struct sluice_sqlite_table {
    sqlite3_vtab base;
    void *table;
};

struct sluice_sqlite_cursor {
    sqlite3_vtab_cursor base;
    long row;
};
