"""May this call pass? Rules R1 to R6 over small tables (REQ-45 to 47).

The standard library alone, and relative imports only: Kamailio's own Python loads this folder
without the package (`edges.kamailio`). A call becomes a *row* of small values (`row`), and a
row is decided by one table (`rules`), compiled to an array (`decisions`) that the edge, the HTTP
screen, replay and detectors all look into.

    numbers     digits as any network writes them → one integer
    row         what is known of a call, packed into fifteen bits
    rules       the decision table
    decisions   the table under one policy, an entry a row
    lookup      what a number is, by tables of numbers
    layout      the file of those tables, which all workers of an edge share
    keeper      who writes it
    changes     how single numbers in it change, as records that edges follow
    sending     the whole file on its way to another machine
    screen      a call → its verdict
    asking      a verdict that a question could change, and what the answer makes of it
"""
