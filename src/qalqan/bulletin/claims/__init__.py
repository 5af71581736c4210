"""Reads a finished text in Kazakh, Russian or English and finds what is false or unsound in it
(REQ-79 to 87)."""

from qalqan.bulletin.claims.problem import Problem, Severity
from qalqan.bulletin.claims.reading import Block
from qalqan.bulletin.claims.report import Report, check

__all__ = ["Block", "Problem", "Report", "Severity", "check"]
