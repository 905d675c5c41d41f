// SluiceTransform
