"""The edge of calls: Kamailio asks our rules in its own process (REQ-45).

`edge.py`, `follow.py`, `journal.py` and `watchdog.py` run where this package is not installed: the
standard library alone, and the folder `screening/calls` beside them. `qalqan edge kamailio` lays
all of it out in one directory (`layout`), with `edge.json`, which names every path and switch.
"""
