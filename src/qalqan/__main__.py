"""`python -m qalqan` is `qalqan`."""

from qalqan.cli import main

if __name__ == "__main__":
    main()
