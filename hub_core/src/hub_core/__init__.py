"""The training integration hub."""
