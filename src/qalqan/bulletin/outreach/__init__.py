"""Warnings to many people: whom a method hits, what they are told, by whom, and what it did
(REQ-71 to 78)."""
