// SluiceMongo
