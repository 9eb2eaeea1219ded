"""The change feed, and what clients did offline."""
