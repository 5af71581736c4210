from dataclasses import replace

import pytest

from counted import Register
from persons import Officer
from qalqan.bulletin import desk
from qalqan.bulletin.documents.write import write
from qalqan.bulletin.figures import kept
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.register import audit, jobs

WHY = "Wrong month. " * 26 + "Sorry."
"""About as long as a reason may be."""
ZERE, AIGUL, DANIYAR = (
    Officer("zere", "analyst"), Officer("aigul", "supervisor"), Officer("daniyar", "supervisor"),
)  # fmt: skip


def asked(register: Register, kind: str = "month", period: str = "2026-10", who=ZERE) -> str:
    with register.database.write() as session:
        return desk.ask(session, who, kind, period).id


def work(register: Register) -> None:
    while (job := jobs.lease(register.database, "test", [desk.JOB])) is not None:
        with register.book() as book:
            desk.count(register.database, job, book)


def row(register: Register, bulletin: str):
    with register.database.session() as session:
        return desk.one(session, bulletin)


def decided(register: Register, bulletin: str, who=AIGUL, yes: bool = True):
    version = row(register, bulletin).version
    with register.database.write() as session:
        return desk.decide(session, who, bulletin, yes, version)


def test_asked_counted_agreed_counted_again_and_out(register: Register) -> None:
    register.report("2026-10-05 12:00", 100)
    bulletin = asked(register)
    assert row(register, bulletin).state == "counting"
    work(register)
    assert row(register, bulletin).state == "drafted"
    decided(register, bulletin)
    work(register)
    out = row(register, bulletin)
    assert (out.state, out.note) == ("published", "")
    assert desk.digest(out.body) == out.digest
    with register.database.session() as session:
        assert [b.id for b in desk.published(session)] == [bulletin]


def test_what_a_bulletin_showed_is_kept_and_later_revised(register: Register) -> None:
    for n in range(6):
        register.report(f"2026-10-{n + 1:02d} 12:00", 100)
    bulletin = asked(register)
    work(register)
    decided(register, bulletin)
    work(register)
    with register.database.session() as session:
        told = {k.figure.key for k in kept.of(session, ["thefts.reported"], ["2026-10"])}
    assert ("thefts.reported", (), "2026-10") in told
    assert ("thefts.reported", (("region", "KZ-75"),), "2026-10") in told
    register.report("2026-10-20 12:00", 100)
    with register.database.write() as session:
        desk.withdraw(session, AIGUL, bulletin, "another")
    again = asked(register)
    work(register)
    decided(register, again)
    work(register)
    with register.database.session() as session:
        found = kept.of(session, ["thefts.reported"], ["2026-10"])
    assert {(k.figure.value, k.revised) for k in found if not k.figure.by} == {(7, True)}


def test_figures_that_moved_go_back_to_the_editor(register: Register) -> None:
    register.report("2026-10-05 12:00", 100)
    bulletin = asked(register)
    work(register)
    decided(register, bulletin)
    register.report("2026-10-06 12:00", 100)
    work(register)
    back = row(register, bulletin)
    assert (back.state, back.note, back.published_us) == ("drafted", "moved", None)
    decided(register, bulletin)
    work(register)
    assert row(register, bulletin).state == "published"


def test_two_different_people(register: Register) -> None:
    bulletin = asked(register, who=AIGUL)
    work(register)
    with pytest.raises(NotAllowed) as refused:
        decided(register, bulletin, AIGUL)
    assert refused.value.missing == "second_person"
    with pytest.raises(NotAllowed):
        decided(register, bulletin, ZERE)
    decided(register, bulletin, DANIYAR, yes=False)
    assert row(register, bulletin).state == "refused"


def test_who_wrote_on_it_does_not_agree_to_it(register: Register) -> None:
    bulletin = asked(register)
    work(register)
    for who, words in ((AIGUL, {"ru": "Мой текст."}), (ZERE, {"ru": "Мой текст, исправлен."})):
        version = row(register, bulletin).version
        with register.database.write() as session:
            desk.write_words(session, who, bulletin, words, version)
    assert row(register, bulletin).writers == ["aigul", "zere"]
    with pytest.raises(NotAllowed) as refused:
        decided(register, bulletin, AIGUL)
    assert refused.value.missing == "second_person"
    decided(register, bulletin, DANIYAR)


def test_nor_does_an_account_in_the_writer_s_hand(register: Register) -> None:
    bulletin = asked(register)
    work(register)
    with register.database.write() as session:
        version = desk.one(session, bulletin).version
        desk.write_words(session, AIGUL, bulletin, {"ru": "Мой текст."}, version)
        audit.note(session, "aigul", "password.reset", "user", "daniyar")
    with pytest.raises(NotAllowed) as refused:
        decided(register, bulletin, DANIYAR)
    assert refused.value.missing == "one_hand"


def test_saving_what_stands_makes_nobody_a_writer(register: Register) -> None:
    bulletin = asked(register)
    work(register)
    with register.database.write() as session:
        desk.write_words(session, AIGUL, bulletin, {}, desk.one(session, bulletin).version)
    assert not row(register, bulletin).writers
    decided(register, bulletin, AIGUL)
    assert row(register, bulletin).state == "agreed"


def test_the_same_asked_twice_is_one(register: Register) -> None:
    assert asked(register) == asked(register)
    assert asked(register, "year", "2025") != asked(register)


def test_a_period_that_has_not_begun_is_refused(register: Register) -> None:
    with pytest.raises(InputRejected) as refused:
        asked(register, "month", "2027-01")
    assert refused.value.expected == "period.begun"


def test_words_are_kept_with_the_draft_and_only_with_it(register: Register) -> None:
    bulletin = asked(register)
    work(register)
    version = row(register, bulletin).version
    with register.database.write() as session:
        desk.write_words(
            session, ZERE, bulletin, {"ru": " Два абзаца.\n\nВторой. ", "kk": ""}, version
        )
    assert desk.body_of(row(register, bulletin)).words == {"ru": "Два абзаца.\n\nВторой."}
    with pytest.raises(Conflict), register.database.write() as session:
        desk.write_words(session, ZERE, bulletin, {"ru": "поздно"}, version)
    decided(register, bulletin)
    with pytest.raises(Conflict), register.database.write() as session:
        desk.write_words(session, ZERE, bulletin, {}, row(register, bulletin).version)
    work(register)
    assert desk.body_of(row(register, bulletin)).words["ru"].startswith("Два")


def test_words_that_arithmetic_refutes_are_not_published(register: Register) -> None:
    bulletin = asked(register)
    work(register)
    version = row(register, bulletin).version
    words = {"en": "In October 2026 12 of 40 frauds (50%) were reported within an hour."}
    with register.database.write() as session:
        desk.write_words(session, ZERE, bulletin, words, version)
    with pytest.raises(InputRejected) as refused:
        decided(register, bulletin)
    assert (refused.value.field, refused.value.expected) == ("words_en", "claim.false_words")
    found = desk.findings(desk.body_of(row(register, bulletin)))["en"]
    assert [p.severity for p in found] == ["false"]
    version = row(register, bulletin).version
    with register.database.write() as session:
        right = {"en": words["en"].replace("50%", "30%")}
        desk.write_words(session, ZERE, bulletin, right, version)
    decided(register, bulletin)


@pytest.mark.parametrize(
    "words",
    [
        {"en": "The centre received 500 reports."},
        {"ru": "За октябрь удержано и возвращено 4,9 млрд тенге."},
        {"kk": "Орталыққа 500 хабарлама түсті."},
    ],
)
def test_words_that_its_own_figures_refute_are_not_published(register: Register, words) -> None:
    for day in range(1, 14):
        register.report(f"2026-10-{day:02} 12:00", 74_000)
    bulletin = asked(register)
    work(register)
    version = row(register, bulletin).version
    with register.database.write() as session:
        desk.write_words(session, ZERE, bulletin, words, version)
    with pytest.raises(InputRejected) as refused:
        decided(register, bulletin)
    assert refused.value.expected == "claim.false_words"
    version = row(register, bulletin).version
    with register.database.write() as session:
        right = {"en": "The centre received 13 reports: 962 000 ₸ was lost, and nothing held."}
        desk.write_words(session, ZERE, bulletin, right, version)
    decided(register, bulletin)


def test_a_region_s_bulletin_is_held_to_the_region(register: Register) -> None:
    register.report("2026-10-05 12:00", 100)
    register.report("2026-10-05 12:00", 100, region="KZ-71")
    with register.database.write() as session:
        bulletin = desk.ask(session, ZERE, "region", "2026-10", "KZ-75").id
    work(register)
    body = desk.body_of(row(register, bulletin))
    for words, is_false in (("2 reports came.", True), ("1 report came.", False)):
        found = desk.findings(replace(body, words={"en": words}))["en"]
        assert [p.code for p in found if p.severity == "false"] == ["own.differs"] * is_false


def test_what_is_withdrawn_stays_with_its_reason(register: Register) -> None:
    bulletin = asked(register)
    work(register)
    decided(register, bulletin)
    work(register)
    with pytest.raises(NotAllowed), register.database.write() as session:
        desk.withdraw(session, ZERE, bulletin, "ошибка")
    with pytest.raises(InputRejected), register.database.write() as session:
        desk.withdraw(session, AIGUL, bulletin, "  ")
    with register.database.write() as session:
        desk.withdraw(session, AIGUL, bulletin, f" {WHY}\n")
    gone = row(register, bulletin)
    assert (gone.state, gone.withdrawn_why) == ("withdrawn", WHY)
    with register.database.session() as session:
        assert [b.state for b in desk.published(session)] == ["withdrawn"]
    with pytest.raises(Conflict), register.database.write() as session:
        desk.withdraw(session, AIGUL, bulletin, "again")


def test_a_withdrawn_draft_is_not_published_by_a_job_that_was_late(register: Register) -> None:
    bulletin = asked(register)
    work(register)
    decided(register, bulletin)
    with register.database.write() as session:
        desk.withdraw(session, AIGUL, bulletin, "stop")
    work(register)
    assert row(register, bulletin).state == "withdrawn"


def test_a_month_that_runs_is_compared_with_no_whole_one(register: Register) -> None:
    for day in range(25, 30):
        register.report(f"2025-11-{day} 12:00", 100)
    for day in range(1, 9):
        register.report(f"2026-11-{day:02d} 12:00", 100)
    running = asked(register, period="2026-11")
    work(register)
    summary = desk.body_of(row(register, running)).sections[0]
    assert [f.period.code for f in summary.claims[0].figures] == ["2026-11"]
    assert {len(cells) for _, cells in summary.table.rows} == {1}


@pytest.mark.parametrize("sign", ["\x08", "\x1b[31m", "\ufffe", "\ud800", "\x00"])
def test_words_that_no_document_can_hold_are_refused(register: Register, sign: str) -> None:
    bulletin = asked(register)
    work(register)
    with pytest.raises(InputRejected) as refused, register.database.write() as session:
        desk.write_words(session, ZERE, bulletin, {"en": f"a{sign}b"}, 1)
    assert (refused.value.field, refused.value.expected) == ("words_en", "text.characters")


def test_words_of_a_word_processor_are_taken_as_they_look(register: Register) -> None:
    bulletin = asked(register)
    work(register)
    version = row(register, bulletin).version
    with register.database.write() as session:
        told = {"en": "one\x0btwo\r\nthree \u202efour\u200b\u00ad"}
        desk.write_words(session, ZERE, bulletin, told, version)
    body = desk.body_of(row(register, bulletin))
    assert body.words == {"en": "one\ntwo\nthree four"}
    for form in ("html", "pdf", "docx", "txt"):
        assert write(body, "en", form)


def test_two_of_one_period_do_not_stand_side_by_side(register: Register) -> None:
    first = asked(register)
    work(register)
    decided(register, first)
    work(register)
    for replaces in ("", asked(register, "year", "2025")):
        with pytest.raises(InputRejected) as refused, register.database.write() as session:
            desk.ask(session, ZERE, "month", "2026-10", replaces=replaces)
        assert (refused.value.expected, refused.value.params["number"]) == (
            "bulletin.is_out",
            first,
        )
    with register.database.write() as session:
        second = desk.ask(session, ZERE, "month", "2026-10", replaces=first).id
    assert second != first
    with pytest.raises(InputRejected) as refused, register.database.write() as session:
        desk.ask(session, ZERE, "press", "2026-10", replaces=second)
    assert refused.value.expected == "bulletin.replaces"
