"""The reference page of orders, made from the machine, the grounds, the policy and the wire
(REQ-19, 43, 44)."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from pydantic import BaseModel

from qalqan.cases.appeals import REASONS
from qalqan.cases.choices import Act
from qalqan.cases.consent import APPROVERS, SANCTION, need
from qalqan.cases.drafting import ADDRESSEES, DRAFTERS, TERMS
from qalqan.cases.grounds import grounds
from qalqan.cases.orders import APPEALABLE, TRANSITIONS, Event
from qalqan.cases.subjects import SUBJECTS
from qalqan.clock import HOUR, SECOND
from qalqan.exchange.order_message import Answer, OrderMessage, PaymentLine, StatementBody
from qalqan.model.order import (
    OUTCOMES,
    TERMINAL,
    Asked,
    Kind,
    Order,
    Outcome,
    State,
    SubjectKind,
)
from qalqan.text.catalogue import LANGUAGES, entries


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in sorted(words))


_HEAD = """\
# Orders

Generated from the code by `make docs`. An *order* is what the centre tells a partner. One state
machine moves every kind (`cases/orders.py`); property tests own it (`tests/cases/test_orders.py`).
[Connect a bank](../how-to/connect-a-bank.md) shows an order on the wire, checked and answered."""

_DRAFTS = """\
The machine drafts what its policy lets it. An officer drafts the rest, on a case in his view: a
hold takes at most what is traced there and not spoken for, beside the wages there; what leaves a
hold is at most what it holds and no open order takes already. Its drafter or a supervisor may take
a draft back, until its partner has the order."""

_APPEALS = f"""\
Whoever is harmed may appeal against what is in force ({_codes(APPEALABLE)}): by phone,
letter or visit to an officer, or by the order's own partner. The order is `appealed` then: nothing
of it is returned or prolonged. Somebody who neither drafted it nor agreed to it decides within the
policy's term; what was wrong is let go at once by a release or unblock that the policy may approve.
What nobody decides in time climbs the ladder, and what ends by itself meanwhile lapses."""

_ANSWERS = """\
`held` and `released` say the whole sum, `partial` less than it and more than nothing, `returned`
at most what was asked, `gone` zero. The same answer again changes nothing; another answer to an
answered order is a conflict (HTTP 409). `refused` ends the order; every other answer leads to
`answered`."""

_WIRE = """\
An order travels as a compact JWS (RFC 7515) signed with Ed25519; its payload is an `OrderMessage`.
The answer is plain JSON from the authenticated partner. Unknown fields are refused. Sums are
integers in minor units, times UTC microseconds, accounts clear (IBAN, or `BANKCODE:LOCALID`)."""

_MODELS: tuple[type[BaseModel], ...] = (OrderMessage, Answer, PaymentLine, StatementBody)


def orders_page() -> str:
    """Markdown: the machine, who must say yes, answers, grounds by date, policy, the wire."""
    parts = (
        _HEAD,
        "## Kinds",
        _table(("kind", "kk", "ru", "en"), (_named("kind", kind) for kind in Kind)),
        "## How an order moves",
        _diagram(),
        "Each cell says where the event leads from that state; — : it does not go (HTTP 409).",
        _moves(),
        f"From {_codes(TERMINAL)} nothing leads on.",
        _table(("state", "kk", "ru", "en"), (_named("state", state) for state in State)),
        "## Who must say yes",
        _consent(),
        "## What an officer may draft",
        _DRAFTS,
        _drafts(),
        "## Appeals",
        _APPEALS,
        _table(("decision", "reasons"), ([f"`{v}`", _codes(REASONS[v])] for v in REASONS)),
        "## What a partner may answer",
        _ANSWERS,
        _table(("to", "answers"), ((f"`{k}`", _codes(OUTCOMES[k])) for k in Kind)),
        _table(("answer", "kk", "ru", "en"), (_named("outcome", each) for each in Outcome)),
        "## Legal grounds by date",
        _grounds(),
        "## The policy of pursuit",
        _policy(),
        "## On the wire",
        _WIRE,
        *map(_model, _MODELS),
    )
    return "\n\n".join(parts) + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _named(family: str, code: str) -> list[str]:
    said = entries()[f"orders.{family}.{code}"]
    return [f"`{code}`", *(str(said[language]) for language in LANGUAGES)]


def _drafts() -> str:
    """Act → who may draft it, who gets it, what it may be about, its terms in hours."""
    rows = []
    for act in Act:
        hours = [str(each // HOUR) for each in TERMS.get(act, ())]
        rows.append(
            [
                f"`{act}`",
                _codes(role for role, acts in DRAFTERS.items() if act in acts),
                _codes(ADDRESSEES[act]),
                _codes(SUBJECTS.get(act, ())) or "—",
                " to ".join(hours[::2]) or "—",
            ]
        )
    return _table(("order", "drafted by", "goes to", "about", "hours"), rows)


def _diagram() -> str:
    """A state diagram; the table alone holds what leaves a state as it is, a line of text what
    leads from every state to the same one."""
    edges: dict[tuple[str, str], list[str]] = {}
    for (state, event), targets in TRANSITIONS.items():
        for target in targets:
            if target is not state and event not in _from_everywhere():
                edges.setdefault((state, target), []).append(event)
    lines = [f"    {a} --> {b}: {', '.join(events)}" for (a, b), events in edges.items()]
    picture = ["```mermaid", "stateDiagram-v2", "    [*] --> drafted", *lines, "```"]
    always = [f"From every state, `{e}` leads to {s}." for e, s in _from_everywhere().items()]
    return "\n".join([*picture, "", *always])


def _from_everywhere() -> dict[Event, str]:
    """Events that every state which is not the end knows, and the one state they lead to."""
    found = {}
    for event in Event:
        leads = [TRANSITIONS.get((s, event)) for s in State if s not in TERMINAL]
        if len(set(leads)) == 1 and leads[0] is not None:
            found[event] = " or ".join(leads[0])
    return found


def _moves() -> str:
    states = [state for state in State if state not in TERMINAL]
    rows = (
        [f"`{event}`", *(" or ".join(TRANSITIONS.get((s, event), ("—",))) for s in states)]
        for event in Event
    )
    return _table(("event", *states), rows)


def _consent() -> str:
    """`consent.need` asked about one order of each kind."""
    rows = []
    for kind in Kind:
        plain = _example(kind)
        rows.append(_wanted(f"`{kind}`", plain))
        if kind is Kind.HOLD:
            rows.append(_wanted("`hold`, provisional", replace(plain, provisional=True)))
    return "\n\n".join(
        [
            f"A yes counts from {_codes(APPROVERS)}, once a person, and never from the drafter. "
            f"Where the ground wants a sanction, a `{SANCTION}` must agree as well, and no policy "
            "can speak for people. A policy acts only once two people have approved it.",
            _table(("kind", "people who must say yes", "a policy may", "can be appealed"), rows),
        ]
    )


def _example(kind: Kind) -> Order:
    return Order(
        id="", case_id="", kind=kind, partner="", state=State.DRAFTED, ground="",
        drafted_by="", idempotency_key="", created_us=0,
    )  # fmt: skip


def _wanted(name: str, order: Order) -> list[str]:
    wanted = need(order)
    appealed = "yes" if order.kind in APPEALABLE else "no"
    return [name, str(wanted.people), "yes" if wanted.policy_may else "no", appealed]


def _grounds() -> str:
    rows = []
    for row in grounds():
        until = "in force" if row.valid_until_us is None else f"until {_day(row.valid_until_us)}"
        rows.append(
            [
                f"`{row.code}`",
                _codes(row.kinds),
                f"{_day(row.valid_from_us)}, {until}",
                "yes" if row.sanction else "no",
                "<br>".join(row.names[language] for language in LANGUAGES),
                row.source,
                "yes" if row.confirmed else "**no**",
            ]
        )
    head = ("ground", "carries", "from", "sanction", "name", "source", "confirmed by a lawyer")
    said = (
        "An order needs a ground that carries its kind on its day; the first that fits is the "
        "usual one (`cases/data/grounds.toml`). Engineers collected the rows: a lawyer must "
        "confirm each before an order goes to a real partner."
    )
    return f"{said}\n\n{_table(head, rows)}"


def _day(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / SECOND, UTC).date().isoformat()


def _policy() -> str:
    """The default policy as its file stands, each value with the comment above it."""
    said = (
        "What the machine may do by itself between a report and the return of the money. This is "
        "version 1 as it comes with the software (`cases/data/policy_pursuit.toml`); a change is a "
        "new version that two people approve, and every order it drafts names it."
    )
    path = files("qalqan.cases") / "data" / "policy_pursuit.toml"
    rows, section, why = [], "", ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            why = f"{why} {line[1:].strip()}".strip()
        elif line.startswith("["):
            section = f"{line.strip('[]')}."
        elif "=" in line:
            name, value = (part.strip() for part in line.split("=", 1))
            rows.append([f"`{section}{name}`", value, why])
            why = ""
        else:
            why = ""
    return f"{said}\n\n{_table(('value', 'default', 'why'), rows)}"


def _model(model: type[BaseModel]) -> str:
    schema = model.model_json_schema()
    must = set(schema.get("required", ()))
    rows = [
        [f"`{name}`", _type(field), "**yes**" if name in must else "may", _said(field)]
        for name, field in schema["properties"].items()
    ]
    text = inspect.cleandoc(model.__doc__ or "")
    return f"### {model.__name__}\n\n{text}\n\n{_table(('field', 'type', 'sent', ''), rows)}"


_NAMED = {
    "Kind": "a kind of order",
    "Outcome": "an outcome",
    "Asked": _codes(Asked),
    "SubjectKind": _codes(SubjectKind),
}


def _type(field: Mapping[str, Any]) -> str:
    """The type of a field in a few words, with its limits."""
    real = next((f for f in field.get("anyOf", ()) if f.get("type") != "null"), field)
    if "$ref" in real:
        name = str(real["$ref"]).rsplit("/", 1)[1]
        return _NAMED.get(name, f"`{name}`")
    if real["type"] == "array":
        return f"at most {real['maxItems']:,} of {_type(real['items'])}"
    limits = [
        f"{word} {real[key]}"
        for key, word in (("exclusiveMinimum", "above"), ("minimum", "from"), ("maximum", "up to"))
        if key in real
    ]
    if "maxLength" in real:
        limits.append(f"at most {real['maxLength']} characters")
    if "pattern" in real:
        limits.append("`{}`".format(real["pattern"].replace("|", "\\|")))
    return ", ".join([str(real["type"]), *limits])


def _said(field: Mapping[str, Any]) -> str:
    return " ".join(str(field.get("description", "")).split())
