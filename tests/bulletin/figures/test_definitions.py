import duckdb
import pytest

from qalqan.bulletin.figures import tell
from qalqan.bulletin.figures.definitions import definition, definitions, query
from qalqan.bulletin.figures.relations import relations
from qalqan.errors import NotFound
from qalqan.lake.schemas import SCHEMAS
from qalqan.model.period import parse
from qalqan.text.catalogue import LANGUAGES, entries

MONTH = parse("2024-01")
COUNTED = [d for d in definitions().values() if d.kind == "counted"]


@pytest.mark.parametrize("code", definitions())
def test_every_figure_has_a_name_and_a_population_in_three_languages(code: str) -> None:
    for key in (f"figure.{code}", f"figure.{code}.counts"):
        assert set(LANGUAGES) <= set(entries()[key])


@pytest.mark.parametrize("of", COUNTED, ids=lambda d: d.code)
def test_every_query_runs_on_its_relation_and_by_each_column(of) -> None:
    connection = duckdb.connect()
    name = of.relation.removeprefix("lake.")
    columns = SCHEMAS[name].ibis.to_pyarrow() if of.is_of_lake else None
    empty = columns.empty_table() if columns else _empty(name)
    connection.register(name, empty)
    for by in ((), *((column,) for column in of.by)):
        assert connection.execute(query(of, [MONTH, parse("2023-01")], by)).fetchall() in ([], None)


def _empty(name: str):
    import pyarrow as pa

    return pa.Table.from_pylist([], schema=pa.schema(dict(relations()[name].columns)))


def test_ratios_are_of_figures_that_there_are() -> None:
    for of in definitions().values():
        if of.kind == "ratio":
            part, whole = definition(of.part), definition(of.whole)
            assert part.unit == whole.unit or of.unit in ("tiyn", "rate"), of.code
            if whole.kind == "stated" and part.kind == "counted":
                assert whole.stock, of.code


def test_what_is_not_defined_is_not_found() -> None:
    with pytest.raises(NotFound):
        definition("thefts.imagined")


@pytest.mark.parametrize("code", definitions())
def test_every_figure_that_is_counted_shows_its_query(code: str) -> None:
    of = definition(code)
    kinds = {definition(c).kind for c in (of.part, of.whole) if c} or {of.kind}
    assert ("SELECT" in tell.query_of(code, MONTH)) == ("counted" in kinds)


def test_no_column_of_a_relation_is_personal() -> None:
    known = {
        "victim", "words", "payer_account", "payee_account", "name", "subject", "account", "story",
        "person", "phone", "iin",
    }  # fmt: skip
    for relation in relations().values():
        assert known.isdisjoint(relation.columns), relation.name
