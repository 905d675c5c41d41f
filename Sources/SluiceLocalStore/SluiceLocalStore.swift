// SluiceLocalStore
