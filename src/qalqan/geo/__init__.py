"""Where a number or an address belongs."""
