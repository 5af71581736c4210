"""The command line."""

from __future__ import annotations


def main() -> None:
    """Entry point of `qalqan`."""
    from qalqan.cli.app import app

    app()
