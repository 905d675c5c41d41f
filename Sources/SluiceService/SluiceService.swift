// SluiceService is the one place that knows every component: it checks a configuration whole, assembles gateways from
// it, and runs them as one service group. What a component does is decided in its own module. Only the executable
// imports it.
