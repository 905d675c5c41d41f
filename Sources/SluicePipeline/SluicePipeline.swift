// SluicePipeline owns the running of what SluiceDecisions decides: for each sink one reader thread, which reads streams,
// applies the SQL and fills the lanes, and one writer thread, which drains them into the sink; and between the two a
// gateway under a lock. It refuses to know which kinds of sources, sinks and stores there are. Only the service imports
// it.
