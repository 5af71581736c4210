"""A small country with ground truth; reaches the system by HTTP only.

Bank processes import parts of this package and must start quickly: nothing heavy stands here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qalqan.simulate.country import Drawn


def make(size: str, seed: int) -> Drawn:
    """Draw the country of that size (`town`, `region`, `country`) and seed; `InputRejected` for
    others."""
    from qalqan.simulate import by_day, country
    from qalqan.simulate.sizes import size_of

    of = size_of(size)
    return by_day.make(of, seed) if of.by_day else country.make(size, seed)


def write(country: Drawn, folder: Path) -> dict[str, int]:
    """Write its facts as Parquet and its truth as JSON; returns file name → rows."""
    from qalqan.simulate import files

    return files.write(country, folder)
