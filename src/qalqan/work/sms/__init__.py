"""Short messages on their way: the gateways, and the one who sends (REQ-76)."""
