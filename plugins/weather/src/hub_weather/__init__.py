"""Weather and air quality, a provider plugin of the training integration hub."""
