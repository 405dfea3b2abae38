summary(model)
