"""The edge of calls: Kamailio asks our rules in its own process (REQ-45).

The programs (`directory.PROGRAMS`) run where this package is not installed: the standard library
alone, and the folder `screening/calls` beside them. `qalqan calls edge` lays all of it out in one
directory (`directory`), with `edge.json`, which names every path and switch. Here alone run
`counted`, which reads journals, and `signatures`, which needs `cryptography`.
"""
