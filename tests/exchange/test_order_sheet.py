"""Orders out as a workbook, answers back: exactly, in three languages, whatever clerks type."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qalqan.clock import HOUR, SECOND
from qalqan.errors import InputRejected
from qalqan.exchange import order_sheet, xlsx_table
from qalqan.exchange.mapping import spelling
from qalqan.exchange.order_message import Answer, OrderMessage, PaymentLine, StatementBody
from qalqan.exchange.order_sheet.columns import BY_NAME, WORDED, Shape, codes, heading, words
from qalqan.model.money import MAX_MINOR
from qalqan.model.order import OUTCOMES, Asked, Kind, Outcome, SubjectKind
from qalqan.text.catalogue import LANGUAGES, say

NOON = 1_795_503_600_000_000  # 2026-11-24 12:00 in Almaty
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# ── any orders and answers ─────────────────────────────────────────────────────────────────

letters = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs", "Cn"), include_characters="\n"
)
texts = st.one_of(
    st.sampled_from(["=1+1", "+7 701", "-5", "@SUM(A1)", "007", "_x0041_", "1.5", "TRUE", "'x"]),
    st.text(letters, min_size=1, max_size=30),
).map(str.strip).filter(bool)  # fmt: skip
sums = st.integers(1, MAX_MINOR)
balances = st.integers(-MAX_MINOR, MAX_MINOR)
currencies = st.sampled_from(["KZT", "JPY", "KWD"])
times = st.one_of(
    st.integers(0, 2 * NOON // SECOND).map(lambda seconds: seconds * SECOND),
    st.integers(0, 2 * NOON),
    st.just(1_709_229_600_000_000 + 90 * SECOND),  # in the hour that Almaty's clocks repeated
)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


lines = st.builds(
    PaymentLine,
    id=texts, at_us=times, side=st.sampled_from(["payer", "payee", "both"]),
    payer_account=maybe(texts), payee_account=maybe(texts), amount=sums, currency=currencies,
    instrument=st.sampled_from(sorted(words(Shape.INSTRUMENT))), uetr=maybe(texts),
    payee_country=maybe(st.just("AE")), payer_holder=maybe(texts), purpose=maybe(texts),
    balance=maybe(balances),
)  # fmt: skip


@st.composite
def asked_and_answered(draw: st.DrawFn) -> tuple[OrderMessage, Answer | None]:
    kind, number = draw(st.sampled_from(Kind)), draw(st.integers(1, 10**6))
    order, currency = f"O-26-{number:06d}", draw(currencies)
    message = OrderMessage(
        order=order, case="C-26-000001", kind=kind, partner="qymyz", account=draw(maybe(texts)),
        amount=draw(maybe(sums)), currency=currency, from_us=draw(maybe(times)),
        to_us=draw(maybe(times)), beneficiary=draw(maybe(texts)), ground=draw(texts),
        due_us=draw(maybe(times)), expires_us=draw(maybe(times)), issued_us=NOON,
        reply_to=draw(maybe(texts)), subject=draw(maybe(texts)),
        subject_kind=draw(maybe(st.sampled_from(SubjectKind))),
        asked=draw(maybe(st.lists(st.sampled_from(Asked), min_size=1, unique=True))),
    )  # fmt: skip
    outcome = draw(maybe(st.sampled_from(sorted(OUTCOMES[kind]))))
    if outcome is None:
        return message, None
    amount = draw(maybe(sums))
    said: dict[str, Any] = {
        "order": order, "outcome": outcome, "amount": amount, "reference": draw(maybe(texts)),
        "reason": draw(maybe(texts)), "currency": None if amount is None else currency,
    }  # fmt: skip
    if outcome is Outcome.STATEMENT:
        said["statement"] = StatementBody(
            id=order, account=draw(texts), currency=currency, from_us=draw(times),
            to_us=draw(times), opening=draw(maybe(balances)), closing=draw(maybe(balances)),
            lines=draw(st.lists(lines, max_size=4)),
        )  # fmt: skip
    elif outcome in {Outcome.CONFIRMED, Outcome.RETURNED}:
        said["payment"] = draw(maybe(lines))
    elif outcome in {Outcome.GONE, Outcome.PARTIAL}:
        said["forwarded"] = draw(st.lists(lines, max_size=3))
    return message, Answer(**said)


def as_listed(message: OrderMessage) -> OrderMessage:
    """Terms stand in the sheet to the second."""
    whole = {
        name: us and us // SECOND * SECOND
        for name in ("due_us", "expires_us")
        if (us := getattr(message, name)) is not None
    }
    return message.model_copy(update=whole)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(
    st.lists(asked_and_answered(), max_size=5, unique_by=lambda pair: pair[0].order),
    st.sampled_from(LANGUAGES),
)
def test_what_is_filled_in_is_read_back_exactly(
    pairs: list[tuple[OrderMessage, Answer | None]], language: str
) -> None:
    messages = [message for message, _ in pairs]
    answers = tuple(answer for _, answer in pairs if answer is not None)
    book = order_sheet.write(messages, language, answers)
    assert order_sheet.read(book) == order_sheet.Read(answers)
    plain = order_sheet.write(messages, language)
    assert order_sheet.asked(plain, "qymyz", NOON) == list(map(as_listed, messages))
    assert order_sheet.read(plain) == order_sheet.Read()


NEW = ("subject", "subject_kind", "data")
"""Columns that workbooks of old lack."""
ABOUT: dict[Kind, dict[str, Any]] = {
    Kind.BLOCK: {"subject": "+77011234567", "subject_kind": SubjectKind.PHONE},
    Kind.TAKEDOWN: {"subject": "https://xn--80aa.example/a?b=1,2", "subject_kind": SubjectKind.URL},
    Kind.DATA: {
        "subject": "shop.example", "subject_kind": SubjectKind.DOMAIN, "asked": list(Asked),
    },
    Kind.HOLD: {"account": "271:1", "amount": 100_00, "currency": "KZT"},
}  # fmt: skip
"""What orders of each kind are about."""


def about(kind: Kind, number: int) -> OrderMessage:
    return OrderMessage(
        order=f"O-26-{number:06d}", case="C-26-000001", kind=kind, partner="qymyz",
        ground="kz.cpc.data", issued_us=NOON, **ABOUT[kind],
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_an_order_is_about_and_which_data_it_asks_for_stand_in_words(language: str) -> None:
    messages = [about(kind, number) for number, kind in enumerate(ABOUT, start=1)]
    book = order_sheet.write(messages, language)
    sheet = xlsx_table.sheets(book)[0]
    head = sheet.rows[0]
    told = [{name: row[head.index(heading(name, language))] for name in NEW} for row in sheet.rows]
    assert told[1] == {
        "subject": "+77011234567", "subject_kind": say("draft.subject.phone", language),
        "data": None,
    }  # fmt: skip
    assert told[3]["data"] == ", ".join(say(f"draft.data.{code}", language) for code in Asked)
    assert told[4] == dict.fromkeys(NEW)
    assert order_sheet.asked(book, "qymyz", NOON) == messages


def test_a_workbook_from_before_these_columns_is_read_as_ever() -> None:
    was = [name for name in BY_NAME if name not in NEW]
    row: dict[str, Any] = dict.fromkeys(was) | {
        "order": ORDER, "case": "C-26-000001", "kind": say("orders.kind.block", "ru"),
        "ground": "kz.communications.41-1", "outcome": say("orders.outcome.done", "ru"),
    }  # fmt: skip
    book = workbook(table([row]))
    assert order_sheet.read(book).answers == (Answer(order=ORDER, outcome=Outcome.DONE),)
    (message,) = order_sheet.asked(book, "qymyz", NOON)
    assert (message.kind, message.subject, message.asked) == (Kind.BLOCK, None, None)


@pytest.mark.parametrize("typed", ["паспорт", "платежи, паспорт", "платежи,", 7.0])
def test_data_of_another_name_are_not_guessed(typed: object) -> None:
    row = {"order": ORDER, "kind": "data", "data": typed, "outcome": None}
    with pytest.raises(InputRejected) as caught:
        order_sheet.asked(workbook(table([row])), "qymyz", NOON)
    assert (caught.value.field, caught.value.expected) == ("data", "sheet.value")


# ── a clerk's own hand ─────────────────────────────────────────────────────────────────────

Cells = Mapping[str, Any]


def table(rows: Sequence[Cells], language: str = "ru") -> list[list[Any]]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    heads = [heading(name, language) if name in BY_NAME else name for name in names]
    return [heads, *([row.get(name) for name in names] for row in rows)]


def workbook(*sheets: list[list[Any]]) -> bytes:
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink, {"in_memory": True, "strings_to_formulas": False})
    moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
    for number, rows in enumerate(sheets, start=1):
        page = book.add_worksheet(f"Лист{number}")
        for row, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    page.write_datetime(row, place, cell, moment)
                elif cell is not None:
                    page.write(row, place, cell)
    book.close()
    return sink.getvalue()


def csv(rows: Sequence[Cells], delimiter: str = ";", language: str = "ru") -> str:
    return "".join(
        delimiter.join("" if cell is None else str(cell) for cell in row) + "\r\n"
        for row in table(rows, language)
    )


ORDER = "O-26-000001"
OTHER: dict[str, Any] = {
    "order": "O-26-000002",
    "outcome": say("orders.outcome.refused", "ru"),
    "note": "нет счёта",
}
REFUSED = Answer(order="O-26-000002", outcome=Outcome.REFUSED, reason="нет счёта")
STATEMENT: dict[str, Any] = {
    "order": ORDER, "account": "271:1", "currency": "KZT", "from": "2026-11-20 00:00",
    "to": datetime(2026, 11, 24, 12), "opening": 100, "closing": "50,5",
    "outcome": say("orders.sheet.outcome.statement", "ru"),
}  # fmt: skip
LINE: dict[str, Any] = {
    "order": ORDER, "id": 184.0, "at": "23.11.2026 14:05:00",
    "side": say("orders.sheet.side.payer", "ru"),
    "payer_account": "271:1", "payee_account": "211:9", "amount": 49.5,
    "instrument": say("console.instrument.transfer", "ru"),
}  # fmt: skip


def refusals(read: order_sheet.Read) -> list[tuple[str, str | None, str, str]]:
    return [(each.place, each.order, each.field, each.expected) for each in read.refused]


def test_a_statement_as_a_person_types_it() -> None:
    (answer,) = order_sheet.read(workbook(table([STATEMENT]), table([LINE]))).answers
    assert answer.statement == StatementBody(
        id=ORDER, account="271:1", from_us=NOON - 108 * HOUR, to_us=NOON, opening=100_00,
        closing=50_50,
        lines=[PaymentLine(
            id="184", at_us=NOON - 22 * HOUR + 5 * 60 * SECOND, side="payer",
            payer_account="271:1", payee_account="211:9", amount=49_50, currency="KZT",
        )],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("150 000,50", 150_000_50), ("150\u00a0000.5", 150_000_50), (150000.5, 150_000_50),
        ("1.234.567", 1_234_567_00), ("1,234,567.80", 1_234_567_80), ("1.234,56", 1_234_56),
        ("150000", 150_000_00), (0.1 + 0.2, 30), ("1.234", None), ("1,234", None), (12.345, None),
        ("12,345", None), ("9" * 400, None), ("1e5", None), ("сто", None), ("-5", None),
        (True, None), (datetime(2026, 1, 1), None), (float(10**14), None), ("150 000 ₸", None),
    ],
)  # fmt: skip
def test_sums_are_exact_or_refused(typed: object, minor: int | None) -> None:
    row = {"order": ORDER, "outcome": "gone", "answer_amount": typed, "currency": "KZT"}
    read = order_sheet.read(workbook(table([row, OTHER])))
    if minor is None:
        assert refusals(read) == [("Лист1!2", ORDER, "answer_amount", "sheet.whole_number")]
        assert read.answers == (REFUSED,)
    else:
        assert [answer.amount for answer in read.answers] == [minor, None]


@pytest.mark.parametrize(
    ("name", "typed", "expected"),
    [
        ("at", "позавчера", "sheet.time"), ("at", 46350.5, "sheet.time"),
        ("at", None, "sheet.time"), ("at", "31.02.2026 10:00", "sheet.time"),
        ("id", None, "fact.missing"), ("id", datetime(2026, 11, 23), "sheet.value"),
        ("id", 1e15, "sheet.value"), ("id", 1.5, "sheet.value"), ("id", "x" * 101, "text.too_long"),
        ("side", "я", "sheet.value"),
        ("side", None, "fact.missing"), ("amount", None, "sheet.whole_number"),
        ("amount", 0, "sheet.whole_number"), ("instrument", "бартер", "sheet.value"),
        ("currency", "тенге", "sheet.value"), ("payee_country", "Казахстан", "sheet.value"),
        ("purpose", "п" * 1_001, "text.too_long"), ("balance", "нет", "sheet.whole_number"),
    ],
)  # fmt: skip
def test_a_bad_line_spoils_only_its_order(name: str, typed: object, expected: str) -> None:
    bad = {**LINE, "id": 185.0, name: typed}
    read = order_sheet.read(workbook(table([STATEMENT, OTHER]), table([LINE, bad])))
    assert refusals(read) == [("Лист2!3", ORDER, name, expected)]
    assert read.answers == (REFUSED,)


@pytest.mark.parametrize(
    ("name", "typed", "expected"),
    [
        ("to", None, "sheet.time"), ("from", "вчера", "sheet.time"),
        ("account", None, "fact.missing"), ("opening", "12.345", "sheet.whole_number"),
        ("closing", "9" * 20, "sheet.whole_number"), ("currency", "₸", "sheet.value"),
        ("note", "п" * 401, "text.too_long"), ("reference", datetime(2026, 1, 2), "sheet.value"),
    ],
)  # fmt: skip
def test_a_bad_cell_of_an_answer_is_named(name: str, typed: object, expected: str) -> None:
    read = order_sheet.read(workbook(table([{**STATEMENT, name: typed}, OTHER])))
    assert refusals(read) == [("Лист1!2", ORDER, name, expected)]
    assert read.answers == (REFUSED,)


junk = st.one_of(
    st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), texts,
    st.sampled_from([ORDER, OTHER["order"], "gone", "statement", "payer", NOON, 1.5, "1,5"]),
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(st.dictionaries(st.sampled_from([*BY_NAME, "чужое"]), junk), min_size=1))
def test_whatever_stands_in_it_every_order_is_answered_or_refused_with_its_place(
    rows: list[dict[str, Any]],
) -> None:
    rows = [{"order": None, "outcome": None, **row} for row in rows]
    read = order_sheet.read(csv(rows, "|").encode(), CSV)
    assert not {a.order for a in read.answers} & {each.order for each in read.refused}
    for each in read.refused:
        say(f"expected.{each.expected}", "kk", **each.params)
        assert each.place
    order_sheet.read(workbook(table(rows)))


def test_a_filled_row_without_an_outcome_is_not_passed_over() -> None:
    forgot = {"order": ORDER, "outcome": None, "note": "сделано"}
    read = order_sheet.read(workbook(table([forgot, OTHER])))
    assert refusals(read) == [("Лист1!2", ORDER, "outcome", "fact.missing")]
    assert read.answers == (REFUSED,)
    blank = {"order": ORDER, "outcome": None}
    assert order_sheet.read(workbook(table([blank]))) == order_sheet.Read()
    read = order_sheet.read(workbook(table([blank]), table([LINE])))
    assert refusals(read) == [("Лист1!2", ORDER, "outcome", "fact.missing")]


def test_two_answers_to_one_order_are_none() -> None:
    again = {"order": ORDER, "outcome": "gone"}
    read = order_sheet.read(workbook(table([again, {**again, "outcome": "held"}, OTHER])))
    assert refusals(read) == [
        ("Лист1!2", ORDER, "order", "sheet.twice"), ("Лист1!3", ORDER, "order", "sheet.twice"),
    ]  # fmt: skip
    assert read.answers == (REFUSED,)
    copied = order_sheet.read(workbook(table([again, {"order": ORDER}])))
    assert [answer.outcome for answer in copied.answers] == [Outcome.GONE]


@pytest.mark.parametrize(
    ("outcome", "count", "refused"),
    [
        ("confirmed", 1, None), ("returned", 1, None), ("gone", 2, None), ("partial", 2, None),
        ("confirmed", 2, ("Лист2!3", "sheet.one_line")), ("held", 1, ("Лист2!2", "order.nothing")),
        ("не знаю", 0, ("Лист1!2", "sheet.value")),
    ],
)  # fmt: skip
def test_lines_are_what_the_answer_makes_of_them(
    outcome: str, count: int, refused: tuple[str, str] | None
) -> None:
    row = {"order": ORDER, "outcome": outcome}
    read = order_sheet.read(workbook(table([row]), table([LINE] * count or [{"order": None}])))
    if refused is not None:
        assert [(each.place, each.expected) for each in read.refused] == [refused]
        assert read.answers == ()
        return
    (answer,) = read.answers
    told = [answer.payment] if answer.payment else answer.forwarded
    assert [line.id for line in told] == ["184"] * count


def test_lines_of_no_order_of_ours() -> None:
    strange = {**LINE, "order": "O-26-000009"}
    read = order_sheet.read(workbook(table([OTHER]), table([{**LINE, "order": None}, strange])))
    assert refusals(read) == [
        ("Лист2!2", None, "order", "fact.missing"),
        ("Лист2!3", "O-26-000009", "order", "order.own"),
    ]
    assert read.answers == (REFUSED,)


def test_merged_cells_leave_no_statement_with_a_part_of_its_lines() -> None:
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink, {"in_memory": True})
    for rows in (table([STATEMENT, OTHER]), table([LINE, LINE, LINE])):
        page = book.add_worksheet()
        for row, cells in enumerate(rows):
            page.write_row(row, 0, [str(cell) if cell else None for cell in cells])
    page.merge_range(1, 0, 3, 0, ORDER, book.add_format({"valign": "top"}))
    book.close()
    read = order_sheet.read(sink.getvalue())
    assert [each.place for each in read.refused] == ["Sheet2!3", "Sheet2!4"]
    assert {(each.order, each.field, each.expected) for each in read.refused} == {
        (ORDER, "order", "fact.missing")
    }
    assert read.answers == (REFUSED,)


def test_the_table_is_found_among_a_clerks_own_notes() -> None:
    notes = [[], ["Ответы за вторник"], [None, "исполнитель:", "Асель"]]
    rows = [[None, *cells] for cells in table([{"моё": "✓", **OTHER, "телефон": 87.0}])]
    read = order_sheet.read(workbook([["Итоги", 1.0]], [*notes, *rows], []))
    assert read == order_sheet.Read((REFUSED,))


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_any_language_under_headings_of_any(language: str) -> None:
    for said in (say("orders.outcome.held", each) for each in LANGUAGES):
        for typed in (said, said.upper() + " ", "held"):
            rows = [{"order": ORDER, "outcome": typed}]
            (answer,) = order_sheet.read(csv(rows, language=language).encode(), CSV).answers
            assert answer.outcome is Outcome.HELD


def test_no_two_columns_and_no_two_words_look_alike() -> None:
    for name in BY_NAME:
        for language in LANGUAGES:
            others = {heading(other, each) for other in BY_NAME for each in LANGUAGES} - {
                heading(name, each) for each in LANGUAGES
            }
            assert spelling(heading(name, language)) not in set(map(spelling, others))
    for shape in WORDED:
        for code, key in words(shape).items():
            for language in LANGUAGES:
                assert codes(shape)[spelling(say(key, language))] == code
                assert "," not in say(key, language), "lists are separated by commas"


# ── csv ────────────────────────────────────────────────────────────────────────────────────


def test_csv_has_answers_and_lines_in_one_table() -> None:
    held = {
        "order": "O-26-000003",
        "outcome": "held",
        "answer_amount": "1 500,50",
        "currency": "KZT",
    }
    text = csv([{**STATEMENT, "to": "24.11.2026 12:00"}, {**LINE, "id": 184}, OTHER, held])
    book = workbook(table([STATEMENT, OTHER, held]), table([LINE]))
    assert order_sheet.read(text.encode(), CSV) == order_sheet.read(book)
    together = {**LINE, "outcome": "confirmed", "currency": "KZT"}
    (answer,) = order_sheet.read(csv([together]).encode(), CSV).answers
    assert answer.payment is not None
    assert (answer.payment.amount, answer.amount) == (49_50, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_csv_as_spreadsheets_save_it(encoding: str, delimiter: str) -> None:
    data = csv([OTHER], delimiter).encode(encoding)
    assert order_sheet.read(data, CSV) == order_sheet.Read((REFUSED,))
    assert order_sheet.read(data) == order_sheet.Read((REFUSED,))


def test_a_separator_inside_a_value_moves_nothing_unseen() -> None:
    shifted = {"order": ORDER, "outcome": "held", "answer_amount": "150000,50", "note": "x"}
    read = order_sheet.read(csv([shifted, {**OTHER}], ",").encode(), CSV)
    assert [(each.place, each.order, each.expected) for each in read.refused] == [
        (":2", ORDER, "file.fields")
    ]
    assert dict(read.refused[0].params) == {"columns": 4, "given": 5}
    assert read.answers == (REFUSED,)


def test_a_nul_is_no_part_of_a_text() -> None:
    rows = [{"order": ORDER, "outcome": "gone", "note": "a\x00b"}, OTHER]
    read = order_sheet.read(csv(rows).encode(), CSV)
    assert refusals(read) == [(":2", ORDER, "note", "text.characters")]
    assert read.answers == (REFUSED,)


# ── files and sizes ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("data", "kind", "expected"),
    [
        (b"", None, "sheet.column"),
        (b"", XLSX, "sheet.workbook"),
        (b"PK\x03\x04 and no more", None, "sheet.workbook"),
        (b"\xd0\xcf\x11\xe0 an old workbook", None, "sheet.column"),
        ("Заказ;Сдача\n1;2\n".encode(), CSV, "sheet.column"),
        (csv([{"order": ORDER, "note": "x"}]).encode(), CSV, "sheet.column"),
        (f"{heading('order', 'ru')};{heading('outcome', 'kk')};{heading('outcome', 'ru')}".encode(),
         CSV, "file.column_twice"),
        (csv([{"order": ORDER, "outcome": "x" * 200_000}]).encode(), CSV, "sheet.workbook"),
    ],
)  # fmt: skip
def test_what_is_no_sheet_of_answers(data: bytes, kind: str | None, expected: str) -> None:
    with pytest.raises(InputRejected) as caught:
        order_sheet.read(data, kind)
    assert caught.value.expected == expected


def test_two_cells_far_apart_do_not_fill_memory() -> None:
    rows = table([OTHER])
    rows += [[]] * (60_000 - len(rows)) + [[None] * 400 + ["x"]]
    with pytest.raises(InputRejected) as caught:
        order_sheet.read(workbook(rows))
    assert caught.value.expected == "sheet.workbook"


def test_a_long_statement_is_read_whole() -> None:
    told = [
        PaymentLine(id=f"271-{number}", at_us=NOON + number * SECOND, side="payer", amount=number,
                    payer_account="271:1", currency="KZT", balance=-number)
        for number in range(1, 10_001)
    ]  # fmt: skip
    body = StatementBody(id=ORDER, account="271:1", from_us=0, to_us=NOON, lines=told)
    answer = Answer(order=ORDER, outcome=Outcome.STATEMENT, statement=body)
    message = OrderMessage(
        order=ORDER, case="C", kind=Kind.STATEMENT, partner="qymyz", ground="g", issued_us=NOON
    )
    assert order_sheet.read(order_sheet.write([message], "kk", [answer])).answers == (answer,)


def test_the_workbook_has_lists_to_choose_from_and_no_formula() -> None:
    messages = [
        OrderMessage(
            order=f"O-26-{number:06d}", case="C", kind=kind, partner="qymyz", ground="=1+1",
            account="@x", reason={"ru": "=HYPERLINK(1)"}, issued_us=NOON, amount=1, currency="KZT",
        )
        for number, kind in enumerate(Kind)
    ]  # fmt: skip
    book = order_sheet.write(messages, "ru")
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        orders, lines = (packed.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2))
    for xml in (orders, lines):
        assert "<f>" not in xml
        assert 'state="frozen"' in xml
    for kind in Kind:
        allowed = [say(words(Shape.OUTCOME)[one], "ru") for one in Outcome if one in OUTCOMES[kind]]
        assert ",".join(allowed) in orders
    assert orders.count("<dataValidation ") == len(Kind)
    assert ",".join(say(key, "ru") for key in words(Shape.SIDE).values()) in lines
    assert order_sheet.write(messages, "ru") == book, "same orders, same bytes"
