"""A made-up provider: the smallest complete plugin."""
