"""The reference page of the replay, made from its stored result alone (REQ-44)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.resources import files

from qalqan.simulate.replay.campaign import Result, innocent
from qalqan.simulate.replay.compare import POLICIES
from qalqan.simulate.replay.delays import delay
from qalqan.simulate.replay.scenario import VERSIONS, Scenario, scenario
from qalqan.text.catalogue import say

TARGET_RATIO, TARGET_INNOCENT = 2.0, 0.01
"""What issue 4 asks: money stopped beside the peer's, innocent money in what is held."""


def replay_page(result: Result) -> str:
    """Markdown of the whole result."""
    first, last = scenario(VERSIONS[0]), scenario(VERSIONS[-1])
    return _template("page.txt").format(
        command=f"qalqan replay --victims {result['victims']} --seed {result['seed']} --json",
        version=result["scenario"],
        part=_count(result["part_victims"]),
        few=_count(result["few_victims"]),
        alt=say("replay.alt", "en"),
        victims=_count(result["victims"]),
        stopped=_by_delay(result, _with_interval),
        harm=_by_delay(result, _harm),
        pooled=_pooled(result),
        targets="\n".join(_targets(result)),
        swept=_swept(result) if result["sweep"] else "",
        first=first.version,
        last=last.version,
        assumptions=_assumptions(first, last),
    )


def _swept(result: Result) -> str:
    return _template("page_sweeps.txt").format(
        part=_count(result["part_victims"]),
        few=_count(result["few_victims"]),
        equal=_equal(result),
        frontier=_frontier(result),
        factors=_factors(result),
        sensitivity=_sensitivity(result),
    )


def _template(name: str) -> str:
    return (files("qalqan.simulate.replay") / name).read_text(encoding="utf-8")


def _count(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / max(1, whole):.1f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["--"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _name(policy: str) -> str:
    return say(f"replay.policy.{policy}", "en")


def _by_delay(result: Result, cell: Callable[[Result], str]) -> str:
    of = {(row["policy"], row["delay_minutes"]): row for row in result["main"]}
    rows = (
        [delay(d, "en"), *(cell(of[policy, d]) for policy in POLICIES)]
        for d in result["delays_minutes"]
    )
    return _table(["report after", *map(_name, POLICIES)], rows)


def _with_interval(row: Result) -> str:
    low, high = 100 * row["stopped_low"], 100 * row["stopped_high"]
    return f"{_percent(row['stopped'], row['stolen'])} ({low:.1f}–{high:.1f})"


def _harm(row: Result) -> str:
    victims = row["worlds"] * scenario()["victims.a_ring"]
    accounts = 100 * row["innocent_accounts"] / victims
    held = row["innocent_held"]
    return f"{_percent(held, row['stolen'])} ({_percent(held, row['held'])}; {accounts:.0f})"


def _pooled(result: Result) -> str:
    head = [
        "all delays together", "stopped, % of stolen", "bystanders', % of stolen",
        "bystanders', % of held", "members' own, % of held",
    ]  # fmt: skip
    return _table(head, (
        [
            _name(row["policy"]), _percent(row["stopped"], row["stolen"]),
            _percent(row["innocent_held"], row["stolen"]),
            _percent(row["innocent_held"], row["held"]), _percent(row["own_held"], row["held"]),
        ]
        for row in result["pooled"]
    ))  # fmt: skip


def _targets(result: Result) -> Iterator[str]:
    """Whether the project's own targets are met, by the headline that was fixed beforehand."""
    for row in result["pooled"]:
        if row["policy"] in ("statements", "feed"):
            held = _percent(row["innocent_held"], row["held"])
            met = _met(row["innocent_held"] <= TARGET_INNOCENT * row["held"])
            yield (
                f"- {_name(row['policy'])}: {held} % of what was held is bystanders' money; "
                f"the target of at most 1 % is {met}."
            )
    for row in result["equal_innocent"]:
        if row["counted"] == "others":
            met = _met(row["ratio"] >= TARGET_RATIO and row["fits"])
            yield (
                f"- {_name(row['policy'])}: at equal innocent holds {row['ratio']:.2f} times what "
                f"the MED-like policy stops; the target of 2 is {met}."
            )


def _met(met: bool) -> str:
    return "met" if met else "**missed**"


def _setting(setting: Mapping[str, object] | None) -> str:
    told = {name: value for name, value in (setting or {}).items() if value not in (None, False, 0)}
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in told.items())


def _equal(result: Result) -> str:
    rows = [*result["equal_innocent"], *result["equal_innocent_by_own_setting"]]
    head = [
        "ours", "counted", "ours stops, %", "innocent, %", "peer stops, %", "its innocent, %",
        "its setting", "ratio",
    ]  # fmt: skip
    return _table(head, (
        [
            _ours(row), row["counted"], _percent(row["stopped"], row["stolen"]),
            _percent(row["innocent"], row["stolen"]), _percent(row["peer_stopped"], row["stolen"]),
            _percent(row["peer_innocent"], row["stolen"]), _setting(row["peer_setting"]),
            f"{row['ratio']:.2f}{'' if row['fits'] else ' (the peer holds more)'}",
        ]
        for row in rows
    ))  # fmt: skip


def _ours(row: Result) -> str:
    return f"{_name(row['policy'])}{': ' if row['setting'] else ''}{_setting(row['setting'])}"


def _frontier(result: Result) -> str:
    head = ["setting", "stopped, %", "bystanders', % of stolen", "with members' own, %"]
    return _table(head, (
        [
            _setting(row["setting"]), _percent(row["stopped"], row["stolen"]),
            _percent(row["innocent_held"], row["stolen"]),
            _percent(innocent(row, "all"), row["stolen"]),
        ]
        for row in sorted(result["sweep"], key=lambda row: innocent(row, "others"))
    ))  # fmt: skip


def _cells(rows: Sequence[Result], key: str, value: object) -> list[str]:
    of = {row["policy"]: row for row in rows if row[key] == value}
    return [
        f"{_percent(row['stopped'], row['stolen'])} "
        f"({_percent(row['innocent_held'], row['stolen'])})"
        for row in (of[policy] for policy in POLICIES)
    ]


def _factors(result: Result) -> str:
    rows = result["pooled_by_factor"]
    factors = sorted({row["factor"] for row in rows})
    told = ([f"× {factor:g}", *_cells(rows, "factor", factor)] for factor in factors)
    return _table(["banks' time", *map(_name, POLICIES)], told)


def _sensitivity(result: Result) -> str:
    rows, asked = result["sensitivity"], set(result["asked_afterwards"])
    names = dict.fromkeys(row["variation"] for row in rows)
    told = (
        [(name or "nothing") + " *" * (name in asked), *_cells(rows, "variation", name)]
        for name in names
    )
    return _table(["changed", *map(_name, POLICIES)], told)


def _assumptions(first: Scenario, last: Scenario) -> str:
    """Every number of the last version, with its source, and what the first one had."""
    return _table(["what", "value", "before", "source"], (
        [f"`{name}`", f"`{value}`", _before(first.get(name), value), last.sources[name]]
        for name, value in last.values.items()
    ))  # fmt: skip


def _before(first: object, last: object) -> str:
    if first == last:
        return ""
    return "not there" if first is None else f"`{first}`"
