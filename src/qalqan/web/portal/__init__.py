"""Pages for people outside the house: nobody signs in, and nothing is told that is not public."""
