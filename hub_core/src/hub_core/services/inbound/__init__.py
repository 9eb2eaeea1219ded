"""What comes in: taken and stored first, made into records afterwards."""
