"""A printed statement: header lines, table in the bank's language, totals (REQ-19)."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pytest
import xlsxwriter

from qalqan.errors import InputRejected
from qalqan.exchange import mapping, statement_sheet

MAPPING = mapping.load(
    """
    kind = "statement"

    [file]
    sheet = "Выписка"

    [head]
    account = { label = ["ЖСК", "ИИК"], match = "KZ[0-9A-Z ]+" }
    from_us = { label = "За период", time = "%d.%m.%Y" }
    to_us = { label = "За период", time = "%d.%m.%Y", part = 2, end_of_day = true }
    opening = { label = "Входящий остаток", unit = "major", decimal = "," }
    closing = { label = "Исходящий остаток", unit = "major", decimal = "," }
    currency = { constant = "KZT" }
    complete = { constant = true }

    [lines]
    at_us = { from = "Дата", time = "%d.%m.%Y %H:%M" }
    end_to_end_id = { from = ["№ док.", "Құжат №"] }
    debit = { from = "Дебет", unit = "major", decimal = "," }
    credit = { from = "Кредит", unit = "major", decimal = "," }
    counter_account = { from = "Корреспондент" }
    counter_holder = { from = "БИН/ИИН" }
    purpose = { from = "Назначение платежа" }
    instrument = { from = "Операция", values = { "Перевод" = "transfer", "Снятие" = "cash_out" } }
    """
)
OWN = "KZ75125KZT2069100100"
ROWS: list[list[Any]] = [
    ["АО «Банк»", None, None],
    ["Выписка по счёту", None, None],
    [None, "ИИК:", f"{OWN} (KZT)"],
    ["За период с 01.06.2026 по 30.06.2026"],
    ["Входящий остаток:", None, "1 000,50"],
    [],
    [
        "Дата", "№ док.", "Дебет", "Кредит", "Корреспондент", "БИН/ИИН", "Назначение платежа",
        "Операция", "Филиал",
    ],
    ["02.06.2026 10:15", 17, "200,50", None, "BBB:2", None, "Оплата", "Перевод", "Алматы"],
    [datetime(2026, 6, 3, 9, 30), 18, 0, 50, "BBB:3", None, "Возврат", "Перевод", "Алматы"],
    ["04.06.2026 23:59", 19, "100", "", None, None, None, "Снятие", "Алматы"],
    ["Итого", None, "300,50", "50"],
    ["Исходящий остаток: 750,00"],
]  # fmt: skip


def workbook(rows: list[list[Any]], name: str = "Выписка") -> bytes:
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink, {"in_memory": True})
    page = book.add_worksheet(name)
    moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, datetime):
                page.write_datetime(row, column, cell, moment)
            elif cell is not None:
                page.write(row, column, cell)
    book.close()
    return sink.getvalue()


def test_what_stands_around_the_table_is_found_by_its_labels() -> None:
    head, _ = statement_sheet.read(workbook(ROWS), MAPPING)
    assert head.table.to_pylist() == [
        {
            "account": OWN,
            "from_us": 1_780_254_000_000_000,  # 2026-06-01 00:00 in Almaty
            "to_us": 1_782_846_000_000_000,  # 2026-07-01 00:00
            "opening": 100_050,
            "closing": 75_000,
            "currency": "KZT",
            "complete": True,
            "lines": 3,
        }
    ]


def test_lines_are_payments_seen_from_the_statements_account() -> None:
    _, lines = statement_sheet.read(workbook(ROWS), MAPPING)
    rows = lines.table.to_pylist()
    assert [row["side"] for row in rows] == ["payer", "payee", "payer"]
    assert [str(row["amount"]) for row in rows] == ["20050", "5000", "10000"]
    assert [row["payer_account"] for row in rows] == [OWN, "BBB:3", OWN]
    assert [row["payee_account"] for row in rows] == ["BBB:2", OWN, None]
    assert [row["instrument"] for row in rows] == ["transfer", "transfer", "cash_out"]
    assert str(rows[1]["at_us"]) == "1780461000000000"  # 2026-06-03 09:30 in Almaty
    assert [lines.places[row] for row in range(3)] == ["Выписка!8", "Выписка!9", "Выписка!10"]
    assert lines.unknown == ("Филиал",)


def test_a_statement_without_lines_is_a_statement() -> None:
    head, lines = statement_sheet.read(workbook([*ROWS[:7], *ROWS[10:]]), MAPPING)
    assert (head.table["lines"].to_pylist(), lines.table.num_rows) == ([0], 0)


@pytest.mark.parametrize(
    ("rows", "name", "expected"),
    [
        (ROWS[3:], "Выписка", "file.label"),
        (ROWS[:6], "Выписка", "file.column_missing"),
        (ROWS, "Лист1", "file.sheet"),
    ],
)
def test_what_is_missing_is_named(rows: list[list[Any]], name: str, expected: str) -> None:
    with pytest.raises(InputRejected) as caught:
        statement_sheet.read(workbook(rows, name), MAPPING)
    assert caught.value.expected == expected
