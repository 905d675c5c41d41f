// SluiceDecisions
