"""What an owner knew before it was killed it knows after: snapshot, seals, questions, lists."""

from __future__ import annotations

from typing import Any

from qalqan import clock
from qalqan.clock import DAY
from qalqan.register import indicators
from qalqan.register.orm import Seal
from qalqan.work.screens import feed, journal, snapshot
from qalqan.work.screens.journal import Entry


def asked(teacher: Any, question: Any) -> Any:
    """The verdict, journalled as the owner does."""
    owner = teacher.owner
    seen = owner.state.payment(question, clock.now_us())
    verdict = journal.decided(seen, owner.policy, clock.now_us())
    owner._journal.append([journal.line(Entry(question, seen, verdict))])
    owner.remember(question, verdict)
    return seen


def pays(payer: str, payee: str, **more: Any) -> dict[str, Any]:
    return {"payer_account": payer, "payee_account": payee, "amount": 1_000_00, **more}


def test_a_killed_owner_knows_snapshot_seals_and_questions_again(centre: Any, teacher: Any) -> None:
    centre.sealed("payment", pays("a", "b", ago_us=9 * DAY), pays("a", "c", ago_us=8 * DAY))
    first = teacher()
    first.begin()
    first._save()
    centre.sealed("payment", pays("a", "d", ago_us=7 * DAY), pays("z", "x"))
    centre.sealed("session", {"holder": "h", "device": "d-1", "outcome": "signed_in"})
    first.look()
    assert first.owner.seal == 3
    before = asked(first, centre.paid("q-1", "a", "x"))
    assert (before.history, before.payers_lately, before.new_payee) == (3, 2, True)

    again = teacher()
    again.begin()
    owner = again.owner
    assert (owner.ready, owner.seal) == (True, 3)
    assert owner.kept.keys() == first.owner.kept.keys()
    for payee, new in (("b", False), ("c", False), ("d", False), ("x", True)):
        question = centre.paid(f"q-{payee}", "a", payee)
        seen = owner.state.payment(question, clock.now_us())
        assert seen == first.owner.state.payment(question, clock.now_us())
        assert (seen.new_payee, seen.history) == (new, 3)
    assert seen.payers_lately == 2, "who was asked about before the kill still counts"


def test_a_snapshot_saves_reading_and_nothing_is_learnt_twice(
    centre: Any, teacher: Any, monkeypatch: Any
) -> None:
    centre.sealed("payment", *(pays("a", name, ago_us=5 * DAY) for name in "bcd"))
    first = teacher()
    first.begin()
    first._save()
    centre.sealed("payment", pays("a", "e", ago_us=4 * DAY))
    learnt = []
    learn = feed.learn

    def watched(state: Any, log: Any) -> None:
        learnt.append([payee for (payee,) in log.rows(0, "payment", "payee_account")])
        learn(state, log)

    monkeypatch.setattr(feed, "learn", watched)
    again = teacher()
    again.begin()
    again.look()
    assert learnt == [["e"]]
    assert again.owner.state.payment(centre.paid("q"), clock.now_us()).history == 4


def test_what_breaks_in_the_middle_is_learnt_anew_and_once(
    centre: Any, teacher: Any, monkeypatch: Any
) -> None:
    centre.sealed("payment", pays("a", "b", ago_us=5 * DAY))
    one = teacher()
    one.begin()
    centre.sealed("payment", pays("a", "c", ago_us=5 * DAY))
    recall = feed.recall

    def broken(state: Any, log: Any) -> None:
        raise OSError("the disk is away")

    monkeypatch.setattr(feed, "recall", broken)
    try:
        one.look()
    except OSError:
        monkeypatch.setattr(feed, "recall", recall)
    assert not one._whole
    one._save()
    assert not (one.owner.folder / snapshot.FILE).exists(), "half of a stretch is no snapshot"
    one.begin()
    assert one.owner.state.payment(centre.paid("q"), clock.now_us()).history == 2


def test_lists_and_policy_are_known_a_look_later(centre: Any, teacher: Any) -> None:
    one = teacher()
    one.begin()
    assert one.owner.policy.version == 0
    centre.approve()
    now_us = clock.now_us()
    entry = indicators.Entry(
        "account", "b", indicators.BLOCK, "kz.payments.hold", "seen", "case", now_us + DAY
    )
    with centre.database.write() as session:
        indicators.put(session, entry, ["asel", "daniyar"])
    one.look()
    seen = one.owner.state.payment(centre.paid("q"), clock.now_us())
    assert (one.owner.policy.version, seen.payee_listed) == (1, "kz.payments.hold")


def test_a_snapshot_of_another_share_or_log_or_damaged_is_not_believed(
    centre: Any, teacher: Any
) -> None:
    centre.sealed("payment", pays("a", "b"))
    one = teacher()
    one.begin()
    one._save()
    folder = one.owner.folder
    with centre.database.session() as session:
        remembered, seal = snapshot.read(folder, session, "0/1")
        assert (seal, len(remembered.pairs)) == (1, 1)
        assert snapshot.read(folder, session, "0/2")[1] == 0
        whole = (folder / snapshot.FILE).read_bytes()
        (folder / snapshot.FILE).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert snapshot.read(folder, session, "0/1")[1] == 0
        (folder / snapshot.FILE).write_bytes(whole[: len(whole) // 2])
        assert snapshot.read(folder, session, "0/1")[1] == 0
        (folder / snapshot.FILE).write_bytes(whole)
    other = teacher()
    with centre.database.write() as session:
        session.get_one(Seal, 1).at_us = 77
    other.begin()
    assert (other.owner.seal, other.owner.state.payment(centre.paid("q"), 0).history) == (1, 1)
    with centre.database.session() as session:
        assert snapshot.read(folder, session, "0/1")[1] == 0
