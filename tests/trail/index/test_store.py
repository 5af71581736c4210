"""The index tells what was put in, whoever dies, and says when it can't."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import numpy as np
import pytest
from index_rows import parts, payment_rows, write
from trail_questions import START_US, Question, question

from qalqan.errors import Unavailable
from qalqan.trail import document
from qalqan.trail.index.decoding import decoded
from qalqan.trail.index.facts import end_to_end_key, reference_key
from qalqan.trail.index.runfile import Damaged
from qalqan.trail.index.store import Index
from qalqan.trail.index.trails import followed
from qalqan.trail.index.writing import Writer, writing
from qalqan.trail.oracle import told_document
from qalqan.trail.semantics import Fact

QUESTIONS = [question(seed) for seed in range(3_000, 3_060)]
FACTS = [fact for asked in QUESTIONS for fact in asked.facts]
Random(3).shuffle(FACTS)  # late facts, in any order
COVERAGES = [told for asked in QUESTIONS for told in asked.coverages]
TURNS = 30
LAST = 2**60


def names(index: Index, asked: Question, up_to_seal: int = TURNS) -> list[str]:
    """Ids of what is told of every other account of a question."""
    accounts = sorted({a for f in asked.facts for a in (f.payer, f.payee) if a})[::2]
    view = index.view("KZT", 0, LAST, up_to_seal)
    facts = view.gather(np.array(view.account_codes(accounts), np.int64))
    return sorted(fact.id for fact in decoded(view, facts))


def wanted(asked: Question, of: list[Fact]) -> list[str]:
    """What a plain look through these facts finds."""
    accounts = set(sorted({a for f in asked.facts for a in (f.payer, f.payee) if a})[::2])
    return sorted(
        f.id for f in of if f.currency == "KZT" and {f.payer, f.payee} & accounts
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("index")
    write(made, FACTS, COVERAGES, TURNS)
    return made


def test_every_fact_of_an_account_is_told_once(folder: Path) -> None:
    index = Index(folder)
    index.check()
    assert len(index.pool("KZT").runs) > 1
    for asked in QUESTIONS:
        assert names(index, asked) == wanted(asked, FACTS)


def test_facts_come_back_as_they_were(folder: Path) -> None:
    index = Index(folder)
    by_id = {fact.id: fact for fact in FACTS}
    for asked in QUESTIONS[:20]:
        accounts = sorted({a for f in asked.facts for a in (f.payer, f.payee) if a})
        view = index.view("KZT", 0, LAST, TURNS)
        columns = view.gather(np.array(view.account_codes(accounts), np.int64))
        for row, found in enumerate(decoded(view, columns)):
            told = by_id[found.id]
            assert found[:9] == told[:9]
            assert found.payee_country == told.payee_country
            assert tuple(columns.uetr[row].tolist()) == reference_key(told.uetr)
            assert columns.end_to_end[row].any() == any(end_to_end_key(told.end_to_end_id))


def test_what_was_sealed_later_is_not_told(folder: Path) -> None:
    index = Index(folder)
    known = [fact for part in parts(FACTS, TURNS)[:11] for fact in part]
    for asked in QUESTIONS[:20]:
        assert names(index, asked, up_to_seal=11) == wanted(asked, known)


def test_trails_over_the_index_are_those_of_the_definition(folder: Path) -> None:
    index = Index(folder)
    for seed, asked in enumerate(QUESTIONS):
        roots, policy, as_of_us, homes = asked.rest
        found = document(followed(index, roots, policy, as_of_us, TURNS, homes))
        told = told_document(asked.facts, asked.coverages, *asked.rest, seal=TURNS)
        assert found == told, f"graph {seed}"


def test_an_index_built_anew_is_the_same(tmp_path: Path, folder: Path) -> None:
    writer = write(tmp_path, FACTS[:50])
    reader = Index(tmp_path)
    with writing(tmp_path):
        writer.begin(anew=True)
        for seal, part in enumerate(parts(FACTS, 5), 1):
            writer.take(payment_rows(part, seal))
        assert reader.look()
        assert reader.seal == 1  # whoever reads goes on with the one before
        writer.publish(5, {"of": "another lake"})
    assert reader.look()
    assert (reader.seal, reader.manifest.fits) == (5, {"of": "another lake"})
    assert len(reader.pool("KZT").runs) == 1
    for asked in QUESTIONS:
        assert names(reader, asked) == names(Index(folder), asked)
    files = {path.name for path in (tmp_path / "KZT").iterdir()}
    assert files == reader.manifest.currencies["KZT"].names


def test_a_reader_goes_on_while_runs_are_merged(tmp_path: Path) -> None:
    writer = write(tmp_path, FACTS[:200])
    reader = Index(tmp_path)
    before = [names(reader, asked) for asked in QUESTIONS]
    with writing(tmp_path):
        for seal, part in enumerate(parts(FACTS[200:], 12), 2):
            writer.begin()
            writer.take(payment_rows(part, seal))
            writer.publish(seal, {})
    assert [names(reader, asked) for asked in QUESTIONS] == before
    reader.look()
    assert names(reader, QUESTIONS[0]) == wanted(QUESTIONS[0], FACTS)


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    with writing(tmp_path), pytest.raises(Unavailable), writing(tmp_path):
        pass
    with writing(tmp_path):
        pass


@pytest.mark.parametrize("how", ["short", "head", "gone", "manifest"])
def test_a_damaged_index_is_seen_when_it_is_opened(tmp_path: Path, how: str) -> None:
    write(tmp_path, FACTS[:50])
    run = next((tmp_path / "KZT").glob("*.run"))
    if how == "short":
        run.write_bytes(run.read_bytes()[:-64])
    elif how == "head":
        octets = bytearray(run.read_bytes())
        octets[40] ^= 1
        run.write_bytes(octets)
    elif how == "gone":
        run.unlink()
    else:
        (tmp_path / "manifest.json").write_text('{"format": 99}')
    with pytest.raises(Damaged):
        Index(tmp_path)


def test_a_changed_byte_is_found_by_a_check(tmp_path: Path) -> None:
    write(tmp_path, FACTS[:50])
    run = next((tmp_path / "KZT").glob("*.run"))
    octets = bytearray(run.read_bytes())
    octets[5_000] ^= 1
    run.write_bytes(octets)
    with pytest.raises(Damaged):
        Index(tmp_path).check()


DYING = """
import sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from index_rows import payment_rows
from test_store import FACTS
from qalqan.trail.index.writing import Writer, writing
folder, writer = Path(sys.argv[1]), Writer(Path(sys.argv[1]))
with writing(folder):
    for seal in range(1, 10**6):
        writer.begin()
        part = FACTS[(seal - 1) * 7 % len(FACTS):][:7]
        writer.take(payment_rows([f._replace(id=f"{f.id}-{seal}") for f in part], seal))
        writer.publish(seal, {})
        print(seal, flush=True)
"""


@pytest.mark.parametrize("after", [3, 9, 18])
def test_a_writer_that_is_killed_leaves_a_readable_index(tmp_path: Path, after: int) -> None:
    here = Path(__file__).parent
    command = [sys.executable, "-c", DYING, str(tmp_path), str(here), str(here.parent)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    while int(writer.stdout.readline()) < after:
        pass
    time.sleep(0.0007 * after)  # anywhere within a turn
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    told = max([after, *(int(line) for line in writer.stdout.read().split())])
    writer.stdout.close()
    index = Index(tmp_path)
    index.check()
    assert told <= index.seal <= told + 1
    ids = [id for run in index.pool("KZT").runs for id in range(run.told["rows"])]
    sealed = [
        fact
        for seal in range(1, index.seal + 1)
        for fact in FACTS[(seal - 1) * 7 % len(FACTS) :][:7]
        if fact.currency == "KZT"
    ]
    assert len(ids) == len(sealed)
    with writing(tmp_path):  # the next writer goes on
        following = Writer(tmp_path)
        following.begin()
        following.take(payment_rows(FACTS[:5], 10**7))
        following.publish(10**7, {})
    Index(tmp_path).check()


def test_a_hub_and_a_crowded_moment(tmp_path: Path) -> None:
    """20,000 payments of one account in one microsecond."""
    crowd = [
        Fact(f"s:{i}", START_US, "both", "hub", "B", f"a{i}", "B", 1, "transfer")
        for i in range(20_000)
    ]
    write(tmp_path, crowd, turns=3)
    view = Index(tmp_path).view("KZT", START_US, START_US, 3)
    found = view.gather(np.array(view.account_codes(["hub", "a7", "nobody"]), np.int64))
    assert len(found.at_us) == 20_000
    before = Index(tmp_path).view("KZT", 0, START_US - 1, 3)
    assert not len(before.gather(np.array(before.account_codes(["hub"]), np.int64)).at_us)


def test_currencies_are_kept_apart(folder: Path) -> None:
    index = Index(folder)
    dollars = [fact for fact in FACTS if fact.currency == "USD"]
    assert dollars
    assert sum(run.told["rows"] for run in index.pool("USD").runs) == len(dollars)
    assert not index.pool("EUR").runs
