"""What leaves for good, and what people take along."""
