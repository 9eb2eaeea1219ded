"""The world around the training: races, weather, plans, advice."""
