"""The letter abroad in two languages (REQ-70)."""

from __future__ import annotations

import pytest

from cases.abroad_told import ASEL, DANIYAR, drafted, step
from persons import Officer
from qalqan.cases import abroad_letter, seen
from qalqan.cases.abroad_kinds import Kind
from qalqan.cases.abroad_letter import Asked
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.register import orm
from qalqan.text.catalogue import LANGUAGES, entries, has, places


def made(centre, request, asked, officer=ASEL):
    with centre.database.write() as session:
        letter = abroad_letter.letter(session, centre.keys, officer, request, asked)
    left = "\n".join(row.left for row in letter.rows)
    return letter, left, "\n".join(row.right for row in letter.rows)


def about(centre, case, approved=True):
    with centre.database.session() as session:
        entity = next(e for e in seen.of_case(session, case) if e.kind == "account")
    request = drafted(centre, case, mark=seen.mark_of(entity.subject)).id
    if approved:
        step(centre, request, "approve", DANIYAR)
    return request


def test_both_columns_say_the_same_and_the_value_stays_masked(centre):
    request = about(centre, centre.report().case)
    letter, left, right = made(centre, request, Asked("kk", "Please keep the account's data"))
    assert letter.title == ("Сұрау салу: Деректерді сақтап қою", "Request: Preservation of data")
    assert "Грузия" in left
    assert "Georgia" in right
    assert "60 күн" in left
    assert "60 days" in right
    assert "•••" in left
    assert "V1" not in left + right
    assert "Please keep" in right
    assert "translation needed" not in right
    assert "voluntary" in right
    assert "lawyer" in letter.warning[1]
    assert "SIMULATED" in made(centre, request, Asked("ru", simulated=True))[0].warning[1]


def test_a_value_is_opened_for_a_purpose_and_stands_in_the_record(centre):
    request = about(centre, centre.report().case)
    _, _, right = made(centre, request, Asked("ru", purpose="to ask Tbilisi"))
    assert "V1" in right or "D1" in right
    assert "translation needed" in right
    with centre.database.session() as session:
        kept = session.query(orm.Audit).filter_by(action="abroad_letter").one()
        assert (kept.object, kept.purpose) == (request, "to ask Tbilisi")


def test_nobody_signs_what_no_second_person_has_agreed_to(centre):
    request = about(centre, centre.report().case, approved=False)
    letter, _, right = made(centre, request, Asked("kk"))
    assert letter.warning[0].startswith("ЖОБА")
    assert letter.warning[1].startswith("DRAFT")
    assert "V1" not in right
    with pytest.raises(Conflict) as refused:
        made(centre, request, Asked("kk", purpose="to ask Tbilisi"))
    assert refused.value.code == "not_approved"
    step(centre, request, "approve", DANIYAR)
    assert "DRAFT" not in made(centre, request, Asked("kk"))[0].warning[1]
    step(centre, request, "withdraw")
    with pytest.raises(Conflict) as refused:
        made(centre, request, Asked("kk"))
    assert refused.value.code == "no_letter"


def test_only_who_may_and_in_a_language_that_there_is(centre):
    request = about(centre, centre.report().case)
    with pytest.raises(InputRejected):
        made(centre, request, Asked("en"))
    with pytest.raises(NotAllowed):
        made(centre, request, Asked("ru"), Officer("oper", "operator"))


def test_every_kind_has_its_words():
    for kind in Kind:
        for key in (f"abroad.kind.{kind}", f"abroad.letter.ask.{kind}"):
            assert has(key)
            assert all(not places(entries()[key][language]) for language in LANGUAGES)
