"""What every detector must keep to, whoever writes it (REQ-39, 50)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest

import qalqan.detectors
from detectors.answers import Rows, identity, ordered
from qalqan.detectors import registry
from qalqan.detectors.base import Detector
from qalqan.detectors.reference import docstrings
from qalqan.detectors.sentence import sentence, title
from qalqan.errors import ContractBroken
from qalqan.lake.engine import DuckEngine
from qalqan.lake.schemas import SCHEMAS
from qalqan.text.catalogue import LANGUAGES
from qalqan.work import tuning

FILLED: Mapping[str, tuning.Changes] = {"subscriptions.gateway_device": {"types": ["86900000"]}}
"""Lists that are the centre's to fill in: without them a detector finds nothing."""
ALL = [
    tuning.tuned(detector, FILLED.get(code, {}))
    for code, detector in registry.all_detectors().items()
]
every_detector = pytest.mark.parametrize("detector", ALL, ids=lambda detector: detector.code)
SOON_ON_SPARK = {
    "calls.rings_once", "chains.call_then_payment", "loans.several_within_an_hour",
    "payments.passes_through", "subscriptions.batch_activation",
}  # fmt: skip
"""One of each room. All are asked on Spark with `--long`; some take a minute there, since Spark
computes what an expression names twice twice."""
on_spark = pytest.mark.parametrize(
    "detector",
    [
        pytest.param(each, marks=() if each.code in SOON_ON_SPARK else pytest.mark.long)
        for each in ALL
    ],
    ids=lambda detector: detector.code,
)


@pytest.fixture(scope="module")
def duck(small_lake: str) -> DuckEngine:
    return DuckEngine(small_lake)


def rows(engine: Any, detector: Detector, facts: dict[str, pa.Table]) -> list[dict[str, Any]]:
    tables = {kind: engine.memtable(facts[kind]) for kind in detector.reads}
    return ordered(engine.run(detector.ask(tables)))


@pytest.fixture(scope="module")
def seen(duck: Any, small_facts: dict[str, pa.Table]) -> Callable[[str], Rows]:
    """What a detector finds in the small lake, asked once for all tests."""
    known = {detector.code: detector for detector in ALL}
    return cache(lambda code: rows(duck, known[code], small_facts))


@every_detector
def test_findings_are_well_formed(detector: Detector, seen: Any) -> None:
    found = seen(detector.code)
    assert found, "the small lake should make every detector find something"
    assert len({identity(row) for row in found}) == len(found)
    for row in found:
        assert None not in row.values()
        assert 0 <= row["score"] <= 1
        assert row["window_from_us"] < row["window_to_us"]
        assert len(row["subject_kind"]) <= 12
        assert len(row["subject"]) <= 80


@every_detector
def test_neither_the_order_of_rows_nor_more_columns_change_anything(
    detector: Detector, duck: Any, seen: Any, small_facts: dict[str, pa.Table]
) -> None:
    declared = {
        kind: small_facts[kind].select(names)[::-1] for kind, names in detector.reads.items()
    }
    assert rows(duck, detector, declared) == seen(detector.code)
    for kind, names in detector.reads.items():
        for name in names:
            lacking = declared | {kind: declared[kind].drop_columns(name)}
            with pytest.raises(ContractBroken, match=name):
                rows(duck, detector, lacking)


@every_detector
def test_nothing_in_nothing_out(detector: Detector, duck: Any) -> None:
    empty = {kind: SCHEMAS[kind].ibis.to_pyarrow().empty_table() for kind in detector.reads}
    assert rows(duck, detector, empty) == []


@every_detector
def test_nulls_survive(detector: Detector, duck: Any, make_facts: Any) -> None:
    bare = [{"id": str(n), "at_us": n} for n in range(3)]
    lost = [{"id": "x", "at_us": None, "day": None}]
    facts = {kind: make_facts(kind, bare + lost) for kind in detector.reads}
    assert rows(duck, detector, facts) == []


@every_detector
def test_its_words_are_in_the_catalogue(detector: Detector, seen: Any) -> None:
    folder = Path(qalqan.detectors.__path__[0])
    assert (folder / f"{detector.code.replace('.', '/')}.toml").exists()
    evidence = seen(detector.code)[0]["evidence"]
    for language in LANGUAGES:
        assert title(detector.code, language)
        assert sentence(detector.code, evidence, language)


@every_detector
def test_it_has_a_test_of_its_own(detector: Detector) -> None:
    kind, _, name = detector.code.partition(".")
    assert (Path(__file__).parent / kind / f"test_{name}.py").exists()


@every_detector
def test_every_parameter_names_its_source(detector: Detector) -> None:
    said = docstrings(type(detector.params))
    for name in vars(detector.params):
        assert any(word in said[name] for word in ("REQ-", "law", "Judgement", "at most")), name


@every_detector
def test_it_compiles_for_a_cluster(detector: Detector) -> None:
    tables = {kind: ibis.table(SCHEMAS[kind].ibis, kind) for kind in detector.reads}
    assert ibis.to_sql(detector.ask(tables), dialect="databricks")


@on_spark
def test_spark_finds_the_same(detector: Detector, duck: Any, spark: Any, small_lake: str) -> None:
    there = spark(small_lake)
    answers = [
        ordered(engine.run(detector.ask({kind: engine.table(kind) for kind in detector.reads})))
        for engine in (duck, there)
    ]
    assert answers[0] == answers[1]
    assert answers[0]


def test_a_finding_of_another_shape_is_refused() -> None:
    table = ibis.memtable({"id": ["1"]})
    broken = Detector("made.up", {"payment": ("id",)}, None, lambda rows, _: rows, "0")
    with pytest.raises(ContractBroken, match="subject_kind"):
        broken.ask({"payment": table})
    with pytest.raises(ContractBroken, match="not given"):
        broken.ask({})


def test_the_version_follows_source_and_parameters() -> None:
    from qalqan.detectors.base import detector

    one, two = (detector("a.b", reads={}, params=n)(lambda: None).version for n in (1, 2))  # type: ignore[arg-type, return-value]
    assert one != two
    assert len(one) == 16
