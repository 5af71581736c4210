"""A bank's statement dropped onto a case: understood first, taken when an officer confirms."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
import xlsxwriter

from persons import Officer
from qalqan.cases import documents, statement_drop, statement_file, statement_taken
from qalqan.cases.documents import Upload
from qalqan.cases.statement_drop import Dropped, understand
from qalqan.cases.statement_taken import confirm
from qalqan.errors import Conflict, InputRejected
from qalqan.lake.hand_in import Centre as Lake
from qalqan.register import orm
from qalqan.settings import settings

ASEL = Officer("asel", "supervisor")
DROP = "223:D1"


def almaty(us, pattern="%d.%m.%Y %H:%M"):
    return (datetime.fromtimestamp(us / 1e6, UTC) + timedelta(hours=5)).strftime(pattern)


def rows(centre, closing="10 000,00"):
    """A statement of the account that got 100 000 and sent 90 000 on."""
    now = centre.clock.now_us()
    day = almaty(now - 2 * 86_400_000_000, "%d.%m.%Y")
    at = almaty(now - 3_600_000_000)
    return [
        ["АО «Банк»"],
        ["ИИК:", DROP],
        [f"За период с {day} по {almaty(now, '%d.%m.%Y')}"],
        ["Входящий остаток:", "0,00"],
        ["Дата операции", "№ документа", "Дебет", "Кредит", "ИИК корреспондента", "Назначение"],
        [at, "17", "", "100 000,00", "211:V1", "Аударым"],
        [almaty(now - 3_000_000_000), "18", "90 000,00", "", "283:O1", "Қарыз"],
        ["Итого", "", "90 000,00", "100 000,00"],
        ["Исходящий остаток:", closing],
    ]


def as_csv(table):
    return "\n".join(";".join(row) for row in table).encode("cp1251", "replace")


def as_xlsx(table):
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet("Выписка")
    for number, row in enumerate(table):
        for place, cell in enumerate(row):
            if cell:
                sheet.write(number, place, cell)
    book.close()
    return file.getvalue()


def dropped(centre, case, data, partner="baiterek"):
    upload = Upload(data, "выписка", "Statement", "Bank", "statement")
    with centre.database.write() as session:
        document = documents.add(session, centre.keys, ASEL, case, upload).id
    return Dropped(case, document, partner)


def seen(centre, tmp_path, at):
    with centre.database.write() as session:
        return understand(session, centre.keys, tmp_path, ASEL, at)


def lake(centre):
    return Lake(centre.database, centre.keys, settings().lake_root)


def asked(centre):
    """A case whose money came to the account, and the bank is asked for its statement."""
    case = centre.report().case
    centre.work()
    centre.confirm(centre.order("confirm"))
    return case, centre.order("statement")


@pytest.mark.parametrize("form", [as_csv, as_xlsx])
def test_it_answers_the_open_order_and_the_trail_moves_on(centre, tmp_path, form):
    case, order = asked(centre)
    at = dropped(centre, case, form(rows(centre)))
    told = seen(centre, tmp_path, at)
    assert (told.order.id, told.read, told.refused_in_all, told.adds_up) == (order.id, 2, 0, True)
    assert (told.opening, told.incoming, told.outgoing, told.closing) == (
        0, 100_000_00, 90_000_00, 10_000_00,
    )  # fmt: skip
    assert told.known
    assert confirm(lake(centre), tmp_path, ASEL, at, True).state == "closed"
    centre.work()
    assert len(centre.trail(case)["nodes"]) == 2
    with centre.database.session() as session:
        (event,) = session.query(orm.OrderEvent).filter_by(order_id=order.id, event="answer")
        assert (event.actor, event.detail["brought_by"]) == ("partner:baiterek", "asel")
        assert session.query(orm.Audit).filter_by(action="statement_drop").one().actor == "asel"
        assert session.get(orm.CaseDocument, at.document).taken_us
    with pytest.raises(Conflict):
        confirm(lake(centre), tmp_path, ASEL, at, False)


def test_without_an_order_it_comes_in_as_facts_of_the_bank(centre, tmp_path):
    case = centre.report().case
    at = dropped(centre, case, as_csv(rows(centre)))
    told = seen(centre, tmp_path, at)
    assert (told.order, told.known) == (None, False)
    with pytest.raises(Conflict):
        confirm(lake(centre), tmp_path, ASEL, at, True)
    assert confirm(lake(centre), tmp_path, ASEL, at, False) is None
    with centre.database.session() as session:
        batches = {row.kind: row for row in session.query(orm.Batch).filter_by(source="baiterek")}
        assert (batches["payment"].accepted, batches["statement"].accepted) == (2, 1)
        assert batches["payment"].name.startswith(f"{case} E-26-")


def test_two_who_confirm_at_once_take_it_once(centre, tmp_path, monkeypatch):
    case = centre.report().case
    at = dropped(centre, case, as_csv(rows(centre)))
    land = statement_taken._land

    def meanwhile(*told):
        with pytest.raises(Conflict, match="being taken"):
            confirm(lake(centre), tmp_path, ASEL, at, False)
        land(*told)

    monkeypatch.setattr(statement_taken, "_land", meanwhile)
    confirm(lake(centre), tmp_path, ASEL, at, False)
    with centre.database.session() as session:
        assert session.query(orm.Audit).filter_by(action="statement_drop").count() == 1
        assert session.query(orm.Batch).filter_by(source="baiterek", kind="payment").count() == 1


def test_rows_that_cannot_be_are_shown_with_their_places_and_answer_nothing(centre, tmp_path):
    case, _ = asked(centre)
    table = rows(centre, closing="11 000,00")
    table[6][0] = "вчера"
    at = dropped(centre, case, as_csv(table))
    told = seen(centre, tmp_path, at)
    (refused,) = told.refused
    assert (refused.place, refused.field, told.adds_up) == (":7", "at_us", False)
    with pytest.raises(InputRejected):
        confirm(lake(centre), tmp_path, ASEL, at, True)


def test_balances_that_do_not_agree_are_told_before_and_refused_after(centre, tmp_path):
    case, order = asked(centre)
    at = dropped(centre, case, as_csv(rows(centre, closing="11 000,00")))
    assert seen(centre, tmp_path, at).adds_up is False
    with pytest.raises(InputRejected, match="closing"):
        confirm(lake(centre), tmp_path, ASEL, at, True)
    assert centre.order("statement").state == order.state


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"PK\x03\x04 not a book", "file.column_missing"),
        (b"a;b;c\n1;2;3\n", "file.column_missing"),
        ("Дата;Назначение\n01.01.2026;x\n".encode(), "statement.sums"),
        (b"<?xml version='1.0'?><Document/>", "iso.message"),
    ],
)
def test_what_is_no_statement_is_refused_in_words(data, expected):
    with pytest.raises(InputRejected) as refused:
        statement_file.read(data, None)
    assert refused.value.expected == expected


def test_a_banks_own_columns_go_through_its_own_mapping(centre, tmp_path):
    case = centre.report().case
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "baiterek.toml").write_text(
        """
        kind = "payment"
        [columns]
        id = "num"
        at_us = { from = "when", time = "%d.%m.%Y %H:%M" }
        side = { constant = "payer" }
        payer_account = { from = "from", local = "223:{}" }
        payer_bank = { constant = "223" }
        payee_account = "to"
        payee_bank = { constant = "283" }
        amount = { from = "tenge", unit = "major" }
        currency = { constant = "KZT" }
        instrument = { constant = "transfer" }
        """,
        "utf-8",
    )
    at = almaty(centre.clock.now_us() - 3_600_000_000)
    data = f"num,when,from,to,tenge\n1,{at},D1,283:O1,500\n2,{at},D1,283:O1,oops\n".encode()
    told = seen(centre, tmp_path, dropped(centre, case, data))
    assert (told.form, told.read, told.outgoing) == ("payments", 2, 500_00)
    assert [(each.place, each.field) for each in told.refused] == [(":3", "amount")]


def test_only_a_bank_has_statements(centre):
    with centre.database.session() as session:
        assert statement_drop.banks(session) == ["altyn", "baiterek", "kesek"]
        for other in ("hotline", "nobody", "\x00"):
            with pytest.raises(InputRejected):
                statement_drop.bank_of(session, other)
