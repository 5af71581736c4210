"""Pure functions from tables of facts to findings."""
