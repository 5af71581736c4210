"""Screens: pure decisions over small tables; what calls them does the reading and writing."""
