"""Formats of the outside world: bytes to model values and back; no I/O."""
