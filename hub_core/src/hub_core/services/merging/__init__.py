"""What is shown of everything that was said: computed, decided, explained."""
