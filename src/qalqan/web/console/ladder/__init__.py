"""The money ladder: a trail as a picture and as an equal table."""
