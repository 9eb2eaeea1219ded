"""What an operator looks at: the queue, figures, names in the logs."""
