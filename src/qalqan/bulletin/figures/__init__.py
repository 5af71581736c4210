"""Figures: what is counted, how, from what, and what others have stated beside it."""
