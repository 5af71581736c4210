"""The compiled index of payments, and the walk over it (REQ-39)."""
