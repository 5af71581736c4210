"""The words of DESIGN section 2 as plain frozen values; no I/O."""
