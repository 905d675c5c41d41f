// SluiceFiles owns files as a stream (`FileSource`: which files a folder holds, what tells one from another, their
// lines, their archives) and as a destination (`FileSink`: segments, manifests, compaction). It refuses to know what a
// record means, what a row costs and where cursors are kept: a `CoordinationStore` is handed in. Only SluiceService,
// which assembles the process, may import it; it never imports another adapter.
