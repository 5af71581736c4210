"""The country as tiles: colours and legend step by what the unit shows."""

import re
from fractions import Fraction

from qalqan.bulletin.charts import Marks
from qalqan.bulletin.charts.tiles import RAMP, tiles
from qalqan.model.figure import Figure
from qalqan.model.period import parse

MONTH = parse("2026-10")
REGIONS = ("KZ-75", "KZ-71", "KZ-35")


def drawn(unit: str, *values: Fraction | int) -> tuple[list[str], list[str]]:
    """Colours of the regions' tiles, and the words of the legend."""
    figures = [
        Figure("thefts", MONTH, value, unit, {"region": region})
        for region, value in zip(REGIONS, values, strict=True)
    ]
    svg = tiles(figures, Marks(), "en")
    names = {"KZ-75": "Almaty", "KZ-71": "Astana", "KZ-35": "Karaganda"}
    tile = r'fill="(\S+)"/><text [^>]*>{}</text>'
    colours = [re.search(tile.format(names[region]), svg)[1] for region in REGIONS]
    legend = re.findall(r'height="12" rx="3" fill="\S+"/><text [^>]*>([^<]*)</text>', svg)
    return colours, legend


def test_rates_have_colours_and_a_legend_of_their_own() -> None:
    rates = [Fraction(n, 1_000_000) for n in (900, 400, 5)]  # 90.0, 40.0 and 0.5 of 100 000
    colours, legend = drawn("rate", *rates)
    assert colours == [RAMP[4], RAMP[2], RAMP[0]]
    assert legend[:5] == ["0.1–18.0", "18.1–36.0", "36.1–54.0", "54.1–72.0", "72.1+"]


def test_counts_step_by_whole_numbers() -> None:
    colours, legend = drawn("reports", 100, 30, 3)
    assert colours == [RAMP[4], RAMP[1], RAMP[0]]
    assert legend[:5] == ["1–20", "21–40", "41–60", "61–80", "81+"]
