"""Apple Watch for the hub."""
