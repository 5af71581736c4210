"""A country's calls and SIM registrations, drawn from a seed, with the truth beside them.

All of it is simulated: people, numbers, devices, firms, rates and shares are invented, and any
likeness to real ones is chance. Shares and rates are judgements unless they name a source; those
of attackers and of their innocent look-alikes are drawn from wide ranges, so that nobody can
learn one number by heart.
"""
