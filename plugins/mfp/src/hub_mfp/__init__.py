"""MyFitnessPal for the training integration hub."""
