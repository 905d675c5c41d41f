// SluiceRides owns a made-up ride-hailing company: a seeded generator of its events, with every trouble that real
// streams have, and of the state in which the shipped features must end. That state is worked out here by plain Swift,
// record by record, as each one is written: the module refuses to know the SQL engine, the decoder and the sinks, since
// what checks them must not share their mistakes. The command line imports it, and tests may; it imports SluiceCore only.
