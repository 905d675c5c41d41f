// SluiceRecords owns the way from a record's bytes to the values of its top-level members: JSON objects, lines of CSV,
// and control records among them. It refuses to know streams, SQL and sinks: it is told which columns are wanted, and
// what it cannot read it refuses with a reason, record by record. It is the one importer of CSimdjson. SluiceTransform,
// the pipeline and the adapters may import it.
