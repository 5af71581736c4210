"""Where is the money? Semantics in `docs/reference/trail.md`."""
