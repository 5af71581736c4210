"""The reference page of identifiers, made by reading its own examples."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from itertools import groupby

from qalqan.errors import InputRejected
from qalqan.geo.numbering import PLUS_7
from qalqan.model.identifiers.columns import KINDS
from qalqan.text.refusal import refusal

EXAMPLES: dict[str, tuple[str, ...]] = {
    "account": (
        "KZ86 125K ZT50 0410 0100",
        "kzaml:C123",
        "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359",
        "C123",
    ),
    "bank": ("125", "CASPKZKAXXX", "Ж"),
    "bic": ("caspkzka", "HSBKKZKXXXX", "DEUTDEFF500", "CASPZZKA"),
    "bin": ("940140000385", "990 140 004 654", "940190000385", "940140000384"),
    "card": ("4111 1111 1111 1111", "4111 1111 1111 1112"),
    "host": ("Kaspi.KZ", "kаspi.kz", "сайт.қаз", "a.github.io", "com.kz"),
    "iban": ("КZ86 125K ZT50 0410 0100", "GB29NWBK60161331926819", "KZ87125KZT5004100100"),
    "iin": ("880101300123", "880101 300123", "881301300123", "880101300124"),
    "imei": ("49-015420-323751-8", "4901542032375101", "490154203237517"),
    "imsi": ("401 01 0123456789", "1414"),
    "ip": ("2001:0DB8::0:1", "::ffff:8.8.8.8", "010.1.1.1"),
    "person": ("880101300123", "940140000385", "123"),
    "phone": ("8 (701) 123-45-67", "87О11234567", "+7 916 1234567", "1414", "+7 701 123"),
    "url": ("hxxps://kaspi[.]kz:443/a/../b", "https://kaspi.kz@example.com", "ftp://a.kz"),
    "wallet": (
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        "bitcoin:BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn",
        "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u",
    ),
}
"""What is shown for each kind; all of it published or invented."""


def identifiers_page() -> str:
    """Markdown: every kind with its rules, what it makes of examples, and the numbering table."""
    lines = [
        "# Identifiers",
        "",
        "Generated from the code by `make docs`. Free text becomes one canonical value, or is",
        "refused with field, value and what was expected. Look-alike letters are reported.",
    ]
    for kind, canonical in KINDS.items():
        lines += ["", f"## {kind}", "", inspect.getdoc(sys.modules[_module(canonical)]) or "", ""]
        lines += ["| given | canonical | class | look-alikes |", "|---|---|---|---|"]
        lines += [_example(kind, text) for text in EXAMPLES[kind]]
    lines += ["", "## Numbering table of +7", "", "| codes | owner | class |", "|---|---|---|"]
    return "\n".join([*lines, *_codes()]) + "\n"


def _module(canonical: object) -> str:
    return str(getattr(canonical, "__module__", ""))


def _example(kind: str, text: str) -> str:
    try:
        found = KINDS[kind](text, field=kind)
    except InputRejected as error:
        return f"| `{text}` | refused | {refusal(error, 'en')} | |"
    shown = f"token, •••{found.text[-4:]}" if kind == "card" else f"`{found.text}`"
    told = " ".join(part for part in (found.country, found.kind) if part)
    return f"| `{text}` | {shown} | {told} | {' '.join(found.folded)} |"


def _codes() -> Iterator[str]:
    for (country, kind), codes in groupby(
        range(1000), key=lambda code: (PLUS_7[code].country, PLUS_7[code].kind)
    ):
        run = list(codes)
        span = f"{run[0]:03d}" if len(run) == 1 else f"{run[0]:03d}–{run[-1]:03d}"
        yield f"| {span} | {country or '—'} | {kind} |"
