"""Facts and statements as rows of the lake, and an index made of them in several turns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from qalqan.trail.index.columns import KEPT
from qalqan.trail.index.statements import COLUMNS
from qalqan.trail.index.writing import Writer, writing
from qalqan.trail.semantics import Coverage, Fact

_NUMBERS = {"seal", "at_us", "amount", "from_us", "to_us", "opening", "closing"}


def payment_rows(facts: Sequence[Fact], seal: int) -> pa.Table:
    """Facts as an index takes them."""
    rows = [
        {
            "id": f.id.split(":", 1)[1], "source": f.id.split(":", 1)[0], "seal": seal,
            "at_us": f.at_us, "side": f.side, "payer_account": f.payer,
            "payer_bank": f.payer_bank, "payee_account": f.payee, "payee_bank": f.payee_bank,
            "amount": f.amount, "currency": f.currency, "instrument": f.instrument,
            "uetr": f.uetr, "end_to_end_id": f.end_to_end_id, "payee_country": f.payee_country,
        }
        for f in facts
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, _schema(KEPT))


def statement_rows(coverages: Sequence[Coverage], seal: int) -> pa.Table:
    """Complete statements as an index takes them."""
    rows = [
        {
            "id": c.id.split(":", 1)[1], "source": c.id.split(":", 1)[0], "seal": seal,
            "account": c.account, "bank": c.bank, "from_us": c.from_us, "to_us": c.to_us,
            "opening": c.opening, "closing": c.closing, "currency": c.currency,
        }
        for c in coverages
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, _schema(COLUMNS))


def _schema(names: Sequence[str]) -> pa.Schema:
    return pa.schema([(n, pa.int64() if n in _NUMBERS else pa.string()) for n in names])


def parts(told: Sequence[Fact], turns: int) -> list[Sequence[Fact]]:
    """So many parts of about one size."""
    return [told[len(told) * i // turns : len(told) * (i + 1) // turns] for i in range(turns)]


def write(
    folder: Path, facts: Sequence[Fact], coverages: Sequence[Coverage] = (), turns: int = 1
) -> Writer:
    """An index of these facts, part i under seal i + 1; statements under the last."""
    writer = Writer(folder)
    with writing(folder):
        for seal, part in enumerate(parts(facts, turns), 1):
            writer.begin()
            writer.take(payment_rows(part, seal))
            if seal == turns and coverages:
                writer.take_statements(statement_rows(coverages, seal))
            writer.publish(seal, {})
    return writer
