"""REQ-18; Law 94-V, art. 12: what only cases past their term name goes, or nobody opens it any
more; what something needs stays; a legal hold stops all of it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import LargeBinary, String, func, select

from cases.retained import POLICY, TERM, VALUES, Retained
from persons import Officer
from qalqan.cases import call_appeals, closing, documents, named, notes, vault_retention
from qalqan.cases.appeal_book import Verdict
from qalqan.cases.appeals import Decision
from qalqan.cases.call_appeals import Told
from qalqan.cases.documents import Upload
from qalqan.cases.policy import install_default_policy
from qalqan.clock import SharedClock
from qalqan.errors import InputRejected, NotAllowed
from qalqan.lake.schemas import SCHEMAS
from qalqan.register import blocking, names, orm, vault, vault_check
from qalqan.register.database import Database
from qalqan.register.orm import Base
from qalqan.register.purposes import Stated
from qalqan.trust.keys import CLASSES, Keys
from qalqan.work import legal_holds, vault_upkeep

ASEL, AUDITOR = Officer("asel", "supervisor"), Officer("rustem", "auditor")
SCAN = Upload(b"%PDF" + b"x" * documents.PIECE, "scan.pdf", "Scan", "the victim")


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


@pytest.fixture
def kept(database: Database, keys: Keys, stopped_clock: SharedClock) -> Retained:
    return Retained(database, keys, stopped_clock)


# ── values ──


def test_each_class_ends_as_it_may(kept: Retained) -> None:
    """A card is deleted, an account and a phone that facts may name are blocked."""
    kept.approve()
    case = kept.case()
    told = {kind: kept.identifier(case, kind, source="report") for kind in named.TOLD}
    kept.report(
        case, victim_name=kept.keep("name"), words=kept.keep("words"),
        payee_account=kept.keep("account", "KZ75125KZT2069100100"),
    )  # fmt: skip
    kept.later(TERM - 1)
    assert kept.sweep() == {}
    kept.later(1)
    assert kept.sweep() == dict(account=2, phone=1, card=1, person=1, name=1, words=1)
    assert kept.there == set(kept.blocked)
    assert kept.blocked == {
        told["account"]: "work", told["phone"]: "work",
        kept.token("account", "KZ75125KZT2069100100"): "work",
    }  # fmt: skip
    assert kept.sweep() == {}
    with kept.database.session() as session:
        assert list(vault_check.differences(session, kept.keys)) == []
        (row,) = (
            session.query(orm.Audit)
            .filter_by(action="vault.block", object="vault")
            .filter(orm.Audit.detail["rows"].as_integer() == 2)
        )
        assert row.purpose == f"vault_retention/1: {TERM} days after the case"
        assert not any(value in str(row.detail) for value in VALUES.values())


def test_a_value_that_came_anew_lately_stays_for_another_term(kept: Retained) -> None:
    kept.approve()
    token = kept.identifier(kept.case(), "person", source="report")
    kept.later(TERM)
    assert kept.sweep() == {"person": 1}
    assert kept.keep("person") == token  # a fact brings it
    kept.later(TERM - 1)
    assert kept.sweep() == {}
    kept.later(1)
    assert kept.sweep() == {"person": 1}


def test_blocked_values_open_from_a_case_that_runs_and_are_freed(kept: Retained) -> None:
    kept.approve()
    old = kept.case()
    token = kept.identifier(old, "account", source="report")
    kept.later(TERM)
    assert kept.sweep() == {"account": 1}
    new = kept.case("open")
    kept.identifier(new, "account", source="trail")
    with kept.database.session() as session:
        blocking.check(session, token, new)
        with pytest.raises(NotAllowed):
            blocking.check(session, token, old)
    with kept.database.write() as session:  # a machine that writes an order is not stopped
        assert vault.reveal(session, kept.keys, token, "machine", "an order") == VALUES["account"]
    assert kept.sweep() == {"freed": 1}
    assert kept.blocked == {}
    with kept.database.session() as session:
        blocking.check(session, token, old)


def test_what_an_auditor_said_of_a_value_stands(kept: Retained) -> None:
    kept.approve()
    case = kept.case()
    card, phone = (kept.identifier(case, kind, source="report") for kind in ("card", "phone"))
    kept.later(TERM)
    with kept.database.write() as session:
        blocking.block(session, AUDITOR, card, "the owner disputes it")
    assert kept.sweep() == {"phone": 1}
    with kept.database.write() as session:
        blocking.unblock(session, AUDITOR, phone, "a court asks for it")
    assert kept.sweep() == {}
    assert kept.blocked == {card: "rustem"}
    kept.later(TERM)
    assert kept.sweep() == {"phone": 1}


def needing(kept: Retained) -> dict[str, tuple[str, Any]]:
    """What needs a value → its class, and the row that says so."""
    running, now = kept.case("open"), kept.clock.now_us()
    drop = orm.Drop(id="D-26-000001", region="KZ-75", role="drop", status="seen", opened_by="a",
                    opened_us=1)  # fmt: skip
    indicator = orm.IndicatorRow(
        subject_kind="account", grade="block", ground="g", reason="r", source="s", approved_by=[],
        subject=kept.token("account"), from_us=1, until_us=now + TERM * 2 * 86_400_000_000,
    )  # fmt: skip
    kept.add(drop)
    account = kept.token("account")
    return {
        "report": ("account", lambda: kept.report(running, payee_account=account)),
        "entity": ("card", lambda: kept.identifier(running, "card")),
        "drop": ("account", orm.DropAccount(drop_id=drop.id, account=account)),
        "channel": ("phone", orm.DropChannel(drop_id=drop.id, kind="phone", by="a", at_us=1,
                                             subject=kept.token("phone"))),
        "indicator": ("account", indicator),
        "finding": ("person", lambda: kept.finding(kept.token("person"), "confirmed")),
        "reached": ("account", orm.CaseAccount(case_id=running, account=account, bank="1",
                                               first_us=1)),
        "officer": ("name", orm.User(login="asel", name=kept.token("name"), password_hash="x",
                                     role="auditor", region="KZ")),
        "note": ("words", orm.CaseNote(case_id=running, words=kept.token("words"), by="a",
                                       at_us=1)),
        "file": ("document", orm.CaseDocument(
            id="E-26-000001", case_id=running, kind="evidence", title="t", size=1, sha256="0",
            name=kept.token("document"), ending="", source="s", added_by="a", added_us=1,
        )),
    }  # fmt: skip


@pytest.mark.parametrize("what", ["report", "entity", "drop", "channel", "indicator", "finding",
                                  "reached", "officer", "note", "file"])  # fmt: skip
def test_what_something_needs_stays(kept: Retained, what: str) -> None:
    kept.approve()
    case = kept.case()
    for klass in CLASSES:
        kept.keep(klass)
    for kind in named.TOLD:
        kept.identifier(case, kind, source="report")
    kept.report(case, victim_name=kept.token("name"), words=kept.token("words"))
    kept.add(orm.CaseDocument(
        id="E-26-000002", case_id=case, kind="evidence", title="t", size=1, sha256="0",
        name=kept.token("document"), ending="", source="s", added_by="a", added_us=1,
    ))  # fmt: skip
    kept.later(TERM - 1)
    klass, row = needing(kept)[what]
    if callable(row):
        row()
    else:
        kept.add(row)
    kept.later(1)
    done = kept.sweep()
    assert klass not in done
    of_facts_alone = {"device", "sim"}
    assert set(CLASSES) - of_facts_alone - {klass} == set(done) - {"contents"}


def test_holds_stop_all_of_it(kept: Retained) -> None:
    kept.approve()
    case, other = kept.case(), kept.case()
    kept.identifier(case, "card", source="report")
    kept.identifier(case, "account", source="report")
    kept.identifier(other, "handle", "@somebody")
    kept.finding(kept.keep("phone"), "dismissed", "phone")
    with kept.database.write() as session:
        documents.add(session, kept.keys, ASEL, other, SCAN)
    kept.later(TERM * 2)
    with kept.database.write() as session:
        one = legal_holds.place(session, "a", "a trial", legal_holds.Scope(case_id=case)).id
        all_ = legal_holds.place(session, "a", "an inspection").id
    assert kept.sweep() == {}
    with kept.database.write() as session:
        legal_holds.lift(session, "a", all_, "it is over")
    assert kept.sweep() == {"identifiers": 1, "unproven": 1, "contents": 1, "document": 1}
    with kept.database.write() as session:
        legal_holds.lift(session, "a", one, "it is over")
    assert kept.sweep() == {"account": 1, "card": 1}
    with kept.database.write() as session:
        legal_holds.place(session, "a", "a trial", legal_holds.Scope(case_id=case))
    assert kept.sweep() == {"freed": 1}  # whoever looks into the case again, may


def test_a_policy_that_is_replaced_meanwhile_takes_nothing(kept: Retained) -> None:
    kept.approve()
    case = kept.case()
    kept.identifier(case, "card", source="report")
    kept.later(TERM)
    with kept.database.session() as session:
        old = vault_retention.current(session)
    kept.approve({"card": {"days": TERM * 2, "source": "test"}})
    assert old is not None
    for sweep in vault_upkeep.sweeps.of(old):
        assert vault_upkeep._swept(kept.database, old, sweep) == 0
    assert kept.sweep() == {}


def test_a_value_that_is_named_at_that_moment_stays(kept: Retained) -> None:
    """An officer types a card into his case while the night's work is at it."""
    kept.approve()
    kept.identifier(kept.case(), "card", source="report")
    kept.later(TERM)
    running, kept_now, done = kept.case("open"), threading.Event(), threading.Event()

    def officer() -> None:
        with kept.database.write() as session:
            token = vault.keep(session, kept.keys, "card", VALUES["card"])
            kept_now.set()
            done.wait(1)  # SQLite's night waits for this one; PostgreSQL's steps over it
            session.add(
                orm.CaseEntity(case_id=running, kind="card", subject=token, source="officer",
                               told_by="asel", first_us=1)
            )  # fmt: skip

    thread = threading.Thread(target=officer)
    thread.start()
    assert kept_now.wait(10)
    assert kept.sweep() == {}
    done.set()
    thread.join()
    assert kept.sweep() == {}
    assert kept.there == {kept.token("card")}


# ── documents ──


def test_what_is_in_a_document_goes_and_what_is_known_of_it_stays(kept: Retained) -> None:
    kept.approve()
    case = kept.case()
    kept.add(orm.Case(id="C-26-900000", region="KZ-75", opened_us=1))
    with kept.database.write() as session:
        document = documents.add(session, kept.keys, ASEL, case, SCAN)
        other = documents.add(session, kept.keys, ASEL, "C-26-900000", SCAN).id
    kept.later(TERM - 1)
    assert kept.sweep() == {}
    kept.later(1)
    assert kept.sweep() == {"contents": 1}  # its name stands in the other case, too
    with kept.database.write() as session:
        row = documents.get(session, case, document.id)
        assert (row.gone_us, row.sha256) == (kept.clock.now_us(), document.sha256)
        lines = documents.custody_of(session, [row.id])[row.id]
        told = [(line.event, line.by) for line in lines]
        assert told == [("taken", "asel"), ("destroyed", "work")]
        with pytest.raises(InputRejected) as refused:
            documents.read(session, kept.keys, ASEL, case, row.id, "to compare")
        assert refused.value.expected == "document.gone"
        assert str(refused.value.params["day"]).startswith("20")
        noted = session.query(orm.Audit).filter_by(action="retention.drop").one()
        assert (noted.object, noted.detail) == (case, {"documents": [row.id]})
        pieces = select(orm.DocumentPiece.document, func.count()).group_by(
            orm.DocumentPiece.document
        )
        assert session.execute(pieces).all() == [(other, 2)]
    with kept.database.write() as session:
        assert documents.read(session, kept.keys, ASEL, "C-26-900000", other, "p")[1] == SCAN.data
    assert kept.sweep() == {}


def test_the_same_file_handed_in_again_stands_there_again(kept: Retained) -> None:
    kept.approve()
    case = kept.case()
    with kept.database.write() as session:
        first = documents.add(session, kept.keys, ASEL, case, SCAN).id
    kept.later(TERM)
    assert kept.sweep() == {"contents": 1, "document": 1}
    with kept.database.write() as session:
        closing.reopen(session, ASEL, case, "the file was found again")
        again = documents.add(session, kept.keys, ASEL, case, SCAN)
        assert (again.id, again.gone_us) == (first, None)
        assert documents.read(session, kept.keys, ASEL, case, first, "to see")[1] == SCAN.data
        events = [line.event for line in documents.custody_of(session, [first])[first]]
        assert events == ["taken", "destroyed", "taken", "read"]
    assert kept.sweep() == {}


# ── names, notes ──


def test_what_a_refused_caller_told_goes_a_term_after_the_decision(kept: Retained) -> None:
    kept.approve()
    with kept.database.write() as session:
        install_default_policy(session, approved_by=["a", "b"])
    told = Told("+77272500001", kept.clock.now_us(), "abroad", "It is mine", "a@b.kz", "kk")
    made = call_appeals.hand_in(kept.database, kept.keys, told, "page", "k")
    kept.later(TERM)
    assert kept.sweep() == {}
    said = Decision(Verdict.DISMISSED, "rule_right", "The rule is right")
    call_appeals.decide(kept.database, kept.keys, made.id, ASEL, said)
    kept.later(TERM - 1)
    assert kept.sweep() == {}
    kept.later(1)
    assert kept.sweep() == {"refused_words": 3, "refused_phone": 1}
    opened = call_appeals.open_sealed(kept.database, kept.keys, ASEL, made.id)
    assert opened == call_appeals.Opened("", "", "", "", "")


def test_nobody_is_found_by_a_name_that_went(kept: Retained) -> None:
    kept.approve()
    case, running = kept.case(), kept.case("open")
    told: dict[str, str] = {}
    for number, name in ((case, "Жұмабаева Гүлнұр"), (running, "Оспанов Дмитрий")):
        report = kept.report(number, victim_name=kept.keep("name", name))
        told[name] = report
        with kept.database.write() as session:
            names.keep(session, kept.keys, "victim", report, name)

    def found(asked: str) -> list[str]:
        with kept.database.session() as session:
            return [each.of for each in names.find(session, kept.keys, asked)]

    assert found("Жумабаева") == [told["Жұмабаева Гүлнұр"]]
    kept.later(TERM)
    assert kept.sweep() == {"name": 1}
    for asked in ("Жұмабаева Гүлнұр", "Жумабаева Гульнур", "Gulnur", "жұмабаева"):
        assert found(asked) == []
    assert found("Ospanov Dmitry") == [told["Оспанов Дмитрий"]]
    with kept.database.session() as session:
        of = select(func.count()).select_from(orm.SearchName)
        assert session.scalar(of) == 1


@pytest.mark.parametrize("lapsed", [True, False])
def test_a_drops_name_goes_with_the_case_unless_the_label_stands(
    kept: Retained, lapsed: bool
) -> None:
    kept.approve()
    case, name = kept.case(), "Қасымов Ерлан"
    drop = orm.Drop(
        id="D-26-000001", region="KZ-75", role="drop", status="seen", opened_by="a", opened_us=1,
        name=kept.keep("name", name), expired_us=kept.clock.now_us() if lapsed else None,
    )  # fmt: skip
    kept.add(drop, orm.DropCase(drop_id=drop.id, case_id=case, by="a", at_us=1))
    with kept.database.write() as session:
        names.keep(session, kept.keys, "drop", drop.id, name)
    kept.later(TERM)
    assert kept.sweep() == ({"name": 1} if lapsed else {})
    with kept.database.session() as session:
        found = [(one.kind, one.of) for one in names.find(session, kept.keys, "Касымов")]
    assert found == ([] if lapsed else [("drop", drop.id)])


def test_a_case_whose_words_went_still_opens(kept: Retained) -> None:
    kept.approve()
    case = kept.case("open")
    with kept.database.write() as session:
        notes.add(session, kept.keys, ASEL, case, "Куәгер айтты")
        closing.tell(session, kept.keys, ASEL, case, "Не болғаны")
        closing.close(session, ASEL, case, "nothing more to do")
    kept.later(TERM)
    assert kept.sweep() == {"words": 2}
    with kept.database.write() as session:
        (note,) = notes.read(session, kept.keys, ASEL, case, Stated("pretrial", ""))
        assert (note.words, note.gone_us) == (None, kept.clock.now_us())
        row = session.get_one(orm.Case, case)
        assert closing.story(session, kept.keys, ASEL, row, Stated("pretrial", "")) is None


# ── what the module says of itself ──


def test_every_column_that_may_hold_a_token_is_listed_or_known_to_need_none() -> None:
    needs_none = {
        "vault.token", "vault_gone.token", "vault_blocks.token", "asked_lately.subject",
        "backtest_findings.subject",
        "number_links.phone", "number_links.other",  # follow the lake's facts, which need none
    }  # fmt: skip
    found = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name == "subject"
        or (isinstance(column.type, String) and column.type.length == 48)
    }
    listed = {f"{place.column.class_.__tablename__}.{place.column.key}" for place in named.PLACES}
    assert found - needs_none == listed
    assert needs_none <= found
    assert not any(isinstance(place.column.type, LargeBinary) for place in named.PLACES)


def test_facts_name_what_is_blocked_and_no_card() -> None:
    classes = {column.vault for schema in SCHEMAS.values() for column in schema.columns}
    assert classes - {None} == vault_retention.BLOCKED | {"person"}


def test_the_policy_that_comes_along_names_every_class(kept: Retained) -> None:
    assert set(vault_retention.default_body()) == {*CLASSES, "unproven"}
    assert set(POLICY) == {*CLASSES, "unproven"}
    kept.approve(vault_retention.default_body())
    with pytest.raises(InputRejected), kept.database.write() as session:
        vault_retention.install(session, {"unproven": {"days": 89, "source": "x"}}, ["a", "b"])
