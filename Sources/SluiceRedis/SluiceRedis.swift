// SluiceRedis
