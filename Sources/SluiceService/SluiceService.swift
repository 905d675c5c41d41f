// SluiceService
