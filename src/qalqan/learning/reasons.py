"""Why a model scored a payment high: at most five reasons, each with the figures it is about.

Columns that tell of one thing are one group; a group's weight is the sum of what its columns
added to the score (TreeSHAP). Only what spoke for the score is told, the strongest first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isnan
from typing import NamedTuple

from qalqan.clock import DAY

Told = dict[str, str | int | float]

MOST = 5
"""Reasons a finding; more are not read."""


class Group(NamedTuple):
    """Columns that tell of one thing, and what of them a sentence shows."""

    name: str
    columns: str
    """Regular expression that their names match."""
    shows: Mapping[str, str]
    """Place in the sentence → column; `…_minor` is money, `…_span_us` days."""


GROUPS = (
    Group("sum", r"amount|(payer|payee)_of_(usual|in)_.*", {"sum_minor": "amount"}),
    Group(
        "exits",
        r"(payer|payee)_exit_sum_.*",
        {"payer_minor": "payer_exit_sum_7d", "payee_minor": "payee_exit_sum_7d"},
    ),
    Group(
        "passed",
        r"(payer|payee)_passed_.*",
        {
            "payer_in_minor": "payer_in_sum_3d", "payer_out_minor": "payer_out_sum_3d",
            "payee_in_minor": "payee_in_sum_3d", "payee_out_minor": "payee_out_sum_3d",
        },
    ),
    Group(
        "payer_moves",
        r"payer_(in|out|same_in|same_out)_.*",
        {
            "received": "payer_in_count_7d", "received_minor": "payer_in_sum_7d",
            "sent": "payer_out_count_7d", "sent_minor": "payer_out_sum_7d",
        },
    ),
    Group(
        "payee_moves",
        r"payee_(in|out|same_in|same_out)_.*",
        {
            "received": "payee_in_count_7d", "received_minor": "payee_in_sum_7d",
            "sent": "payee_out_count_7d", "sent_minor": "payee_out_sum_7d",
        },
    ),
    Group("pair", r"pair_.*", {"payments": "pair_count_30d", "sum_minor": "pair_sum_30d"}),
    Group("payer_history", r"payer_(since_in|since_out|age)", {"age_span_us": "payer_age"}),
    Group("payee_history", r"payee_(since_in|since_out|age)", {"age_span_us": "payee_age"}),
    Group(
        "fans",
        r"(payer|payee)_fan_.*",
        {
            "payer_in": "payer_fan_in_30d", "payer_out": "payer_fan_out_30d",
            "payee_in": "payee_fan_in_30d", "payee_out": "payee_fan_out_30d",
        },
    ),
    Group(
        "strangers",
        r"(payer|payee)_new_.*",
        {
            "payer_in": "payer_new_in_30d", "payer_out": "payer_new_out_30d",
            "payee_in": "payee_new_in_30d", "payee_out": "payee_new_out_30d",
        },
    ),
    Group(
        "scattered",
        r"(gather|scatter)_.*|origins_2|targets_2",
        {
            "origins": "origins_2", "targets": "targets_2",
            "gathered": "gather_widest", "scattered": "scatter_widest",
        },
    ),
    Group(
        "comes_back",
        r"cycle_.*",
        {"two": "cycle_2", "three": "cycle_3", "four": "cycle_4", "five": "cycle_5"},
    ),
    Group("chain", r"chain_.*", {"length": "chain_length", "sources": "chain_sources"}),
    Group("alike", r".*_alike_.*", {"payer": "payer_alike_out", "payee": "payee_alike_in"}),
)  # fmt: skip


def group_of(column: str) -> str:
    """The group that a column belongs to: the first whose names it matches; KeyError if none."""
    for group in GROUPS:
        if re.fullmatch(group.columns, column):
            return group.name
    raise KeyError(column)


def reasons(row: Mapping[str, float | None], moved: Mapping[str, float]) -> list[Told]:
    """What spoke for the score of one payment: its columns' values and contributions.

    Each has `reason`, its `weight` (share of all that spoke for the score), and its figures.
    """
    weights: dict[str, float] = {}
    for column, weight in moved.items():
        name = group_of(column)
        weights[name] = weights.get(name, 0.0) + weight
    spoke = sorted(((w, name) for name, w in weights.items() if w > 0), reverse=True)
    shows = {group.name: group.shows for group in GROUPS}
    total = sum(weight for weight, _ in spoke)
    return [
        {"reason": name, "weight": round(weight / total, 3), **_figures(shows[name], row)}
        for weight, name in spoke[:MOST]
    ]


def _figures(shows: Mapping[str, str], row: Mapping[str, float | None]) -> dict[str, int]:
    return {place: _figure(place, row[column]) for place, column in shows.items() if column in row}


def _figure(place: str, value: float | None) -> int:
    """A whole number; spans of days become microseconds, what is not known is nothing."""
    if value is None or isnan(value):
        return 0
    return round(value * DAY) if place.endswith("_span_us") else round(value)
