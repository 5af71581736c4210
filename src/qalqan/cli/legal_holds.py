"""`qalqan lake hold`, `lift` and `holds`: what retention must leave alone (REQ-19)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from qalqan.cli.asked import moments, one_of
from qalqan.cli.home import open_home
from qalqan.cli.out import answer, failing_clearly, language, tell, word
from qalqan.cli.people import AsJson
from qalqan.cli.policy import check_person
from qalqan.errors import InputRejected
from qalqan.lake.schemas import KINDS
from qalqan.lake.upkeep.history import Lost
from qalqan.text.show import when

if TYPE_CHECKING:
    from qalqan.register.orm import LegalHold

_MAY_HOLD = ("supervisor", "prosecutor")

By = Annotated[str, typer.Option("--by", help="Login of the supervisor or prosecutor.")]
Reason = Annotated[str, typer.Option(help="Why; stands in the audit.")]


def hold(
    by: By,
    reason: Reason,
    kind: Annotated[str | None, typer.Option(help="One kind of fact; none: all.")] = None,
    first_day: Annotated[str | None, typer.Option(help="First UTC day, 2026-05-04.")] = None,
    last_day: Annotated[str | None, typer.Option(help="Last UTC day.")] = None,
    case: Annotated[
        str | None, typer.Option(help="Or: all facts since this case's first payment.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="It lapses at the end of this day.")] = None,
    as_json: AsJson = False,
) -> None:
    """Keep facts from retention: a kind and days, or a case; asks for the password."""
    from qalqan.work.legal_holds import Scope, gone, place

    with failing_clearly(as_json):
        home = open_home()
        known = one_of("kind", kind.removesuffix("s"), KINDS) if kind else None
        days = _day("first-day", first_day), _day("last-day", last_day)
        lapses = moments("until", until, 0)[1] if until else None
        check_person(home, by, _MAY_HOLD, "legal hold")
        with home.database.write() as session:
            placed = place(session, by, reason, Scope(known, *days, case), lapses)
            too_late = _by_kind(gone(session, placed))
        for one in too_late:
            tell("lake.gone", **one)
        answer(
            {"legal_hold": placed.id, "by": by, "gone": too_late if as_json else _sum(too_late)},
            as_json,
        )


def _by_kind(days: Sequence[Lost]) -> list[dict[str, Any]]:
    """Days that no hold brings back, a line a kind."""
    kinds = dict.fromkeys(one.kind for one in days)
    told = {kind: sorted({one.day for one in days if one.kind == kind}) for kind in kinds}
    return [
        {"kind": kind, "days": len(some), "first": str(some[0]), "last": str(some[-1])}
        for kind, some in told.items()
    ]


def _sum(gone: list[dict[str, Any]]) -> int:
    return sum(one["days"] for one in gone)


def _day(field: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputRejected(field, text, "asked.moment") from None


def lift(
    number: Annotated[int, typer.Argument(help="The hold's number.")],
    by: By,
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Lift a legal hold; asks for the password."""
    from qalqan.work.legal_holds import lift as lifted

    with failing_clearly(as_json):
        home = open_home()
        check_person(home, by, _MAY_HOLD, "legal hold")
        with home.database.write() as session:
            lifted(session, by, number, reason)
        answer({"legal_hold": number, "lifted_by": by}, as_json)


def holds(as_json: AsJson = False) -> None:
    """Show the legal holds that stand, and from which day open cases keep everything."""
    from qalqan.work.legal_holds import holds as all_holds
    from qalqan.work.legal_holds import standing

    with failing_clearly(as_json):
        home = open_home()
        with home.database.session() as session:
            listed = [_listed(row) for row in standing(session)]
            cases = next((one for one in all_holds(session) if one.name == "open cases"), None)
        since = _text(cases.first_day) if cases else None
        if as_json:
            answer({"holds": listed, "open_cases_from": since}, True)
        else:
            _show(listed, since)


def _listed(row: LegalHold) -> dict[str, Any]:
    return {
        "legal_hold": row.id, "kind": row.kind, "case": row.case_id,
        "first_day": _text(row.first_day), "last_day": _text(row.last_day),
        "until_us": row.until_us, "by": row.placed_by, "reason": row.reason,
    }  # fmt: skip


def _show(listed: list[dict[str, Any]], since: str | None) -> None:
    out = Console(highlight=False)
    for one in listed:
        told = {name: "–" if value is None else str(value) for name, value in one.items()}
        told["until"] = when(one["until_us"], language()) if one["until_us"] else "–"
        out.print(word("lake.hold", **told), markup=False, soft_wrap=True)
    out.print(word("lake.open_cases", day=since or "–"), markup=False)


def _text(day: date | None) -> str | None:
    return None if day is None else str(day)
