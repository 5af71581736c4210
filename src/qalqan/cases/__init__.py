"""Reports, cases, orders and their clocks."""
