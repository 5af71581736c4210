"""Orders and their answers as a workbook, for banks whose clerk works in a spreadsheet (REQ-19).

One sheet has a row an order with empty columns for the answer, another the lines of statements
and payments, each with its order's number. Headings and words are in the clerk's language and
are read in any of ours; sums are in major units, times in Asia/Almaty. A csv file is one table
of both: a row is an answer, a line, or both at once.
"""

from qalqan.exchange.order_sheet.reading import Read, asked, read
from qalqan.exchange.order_sheet.rows import CSV, XLSX
from qalqan.exchange.order_sheet.told import Refused
from qalqan.exchange.order_sheet.writing import write

__all__ = ["CSV", "XLSX", "Read", "Refused", "asked", "read", "write"]
