"""Identifiers by the column, beside what a careful programmer would have called a row at a time.

Prints one JSON object a line. The values are generated and distinct, so that remembering answers
helps nobody; "clean" columns are as most partners write them, "mixed" ones hold one row in ten
that people have typed.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable

import phonenumbers
import pyarrow as pa

from qalqan.geo.number_columns import number_classes
from qalqan.model.identifiers import column, iban

ROWS = 1_000_000
PEER_ROWS = 20_000


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """The best of a few runs."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def show(name: str, ours: float, peer: str, peer_value: float, notes: str) -> None:
    """One line, in millions of rows a second."""
    row = {
        "name": name,
        "unit": "million rows a second",
        "ours": round(ours / 1e6, 3),
        "peer": peer,
        "peer_value": round(peer_value / 1e6, 4),
        "ratio": round(ours / peer_value, 1),
        "n": ROWS,
        "notes": f"{notes}; peer on {PEER_ROWS} of the same rows; warm, one process",
    }
    print(json.dumps(row, ensure_ascii=False), flush=True)


def phones(chance: random.Random, typed: float) -> list[str]:
    """Numbers of both owners of +7; a share `typed` is written as people do."""
    codes = ("701", "702", "705", "707", "747", "771", "775", "717", "727", "916", "495")
    made = []
    for _ in range(ROWS):
        code, rest = chance.choice(codes), f"{chance.randrange(10**7):07d}"
        if chance.random() < typed:
            made.append(f"8 ({code}) {rest[:3]}-{rest[3:5]}-{rest[5:]}")
        else:
            made.append(f"+7{code}{rest}")
    return made


def ibans(chance: random.Random, typed: float) -> list[str]:
    """Kazakh IBANs; a share `typed` is in groups of four."""
    made = []
    for _ in range(ROWS):
        rest = f"{chance.randrange(1000):03d}KZT{chance.randrange(10**10):010d}"
        text = f"KZ{iban.check_digits('KZ', rest)}{rest}"
        if chance.random() < typed:
            text = " ".join(text[i : i + 4] for i in range(0, 20, 4))
        made.append(text)
    return made


def classed(values: pa.Array) -> object:
    return number_classes(column("phone", values).text)


def by_phonenumbers(texts: list[str]) -> list[object]:
    found: list[object] = []
    for text in texts:
        number = phonenumbers.parse(text, "KZ")
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        region = phonenumbers.region_code_for_number(number)
        found.append((e164, region, phonenumbers.number_type(number)))
    return found


def main() -> None:
    chance = random.Random(1)
    for name, typed in (("clean", 0.0), ("mixed", 0.1)):
        texts = phones(chance, typed)
        values = pa.array(texts)
        ours = ROWS / seconds(lambda values=values: classed(values))  # type: ignore[misc]
        sample = texts[:PEER_ROWS]
        peer = PEER_ROWS / seconds(lambda sample=sample: by_phonenumbers(sample), 1)  # type: ignore[misc]
        show(
            f"phones read and classed, {name}", ours, "phonenumbers 9, row by row", peer,
            "text to E.164, owner country and class",
        )  # fmt: skip
        texts = ibans(chance, typed)
        values = pa.array(texts)
        ours = ROWS / seconds(lambda values=values: column("iban", values))  # type: ignore[misc]
        sample = texts[:PEER_ROWS]
        peer = PEER_ROWS / seconds(lambda sample=sample: [iban.canonical(t) for t in sample])  # type: ignore[misc]
        show(
            f"IBANs read, {name}", ours, "our own scalar reader, row by row", peer,
            "length, structure, mod 97",
        )  # fmt: skip


if __name__ == "__main__":
    main()
