// SluiceRides
