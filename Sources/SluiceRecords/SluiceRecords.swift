// SluiceRecords
