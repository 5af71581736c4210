"""Exercises on simulated cases: drawn from a seed, played step by step, scored by the truth
(REQ-23, 95). Nothing here knows of a register, lake or screen: a real centre is never touched."""
