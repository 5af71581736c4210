"""What the campaign of kills is made of: a centre, those who work on it, and its bank."""
