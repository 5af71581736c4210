"""A centre's state kept elsewhere, and brought back: register, lake and, if asked, keys.

A backup folder holds a pool of the lake's files, which never change and are copied once, and a
folder for each *point*: a copy of the register, the lake's logs as they stood at the register's
newest seal, and a manifest that names every file with its size and SHA-256. A point is there
whole or not at all; restoring one writes to a name aside and renames it when all of it is safe.
"""
