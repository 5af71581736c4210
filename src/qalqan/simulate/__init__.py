"""A small country with ground truth; reaches the system by HTTP only."""
