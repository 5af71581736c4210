"""What the worker does, so that nobody waits for it."""
