"""Wahoo Cloud, a provider plugin of the training integration hub."""
