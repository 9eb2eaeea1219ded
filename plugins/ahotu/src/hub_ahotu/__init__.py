"""Races, a provider plugin of the training integration hub."""
