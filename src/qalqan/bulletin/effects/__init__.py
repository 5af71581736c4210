"""Did it work? Before and after, with a comparison group, holdouts, displacement (REQ-77, 85, 93).

Pure: numbers in, numbers out. Every result has an interval and a verdict from a closed list, none
of which says "worked". `docs/reference/effects.md` writes the formulas out.
"""
