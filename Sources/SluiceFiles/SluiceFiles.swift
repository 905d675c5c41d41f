// SluiceFiles
