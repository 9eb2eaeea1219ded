"""Planned workouts: save, change, delete, show."""
