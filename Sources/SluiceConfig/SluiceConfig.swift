// SluiceConfig owns the way from YAML files to a checked plan: what keys there are (each declared once, as a `Field`
// of a `Form`), what their values may be, and the place in a file that every complaint points at. It refuses to know
// how a plan is carried out: it opens no connection, compiles no SQL, and reads no clock. The command line and the
// assembly of the service may import it; adapters and the pipeline see only the nouns of SluiceCore.
