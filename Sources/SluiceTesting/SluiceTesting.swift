// SluiceTesting owns what tests of several modules share: builders of rows, the contract suite that every sink passes,
// launchers of real servers, and a proxy that breaks their connections. It refuses to know any adapter: what is
// particular to a store comes in through a `SinkHarness` that the adapter's own tests write. Test targets and the
// simulator import it; no production module does.
