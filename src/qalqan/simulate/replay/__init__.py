"""Policies played against the same thieves: what each would have stopped (REQ-16, 44, 90)."""
