"""The page of facts says what the schemas say."""

from pathlib import Path

from qalqan.lake.reference import facts_page
from qalqan.lake.schemas import SCHEMAS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "facts.md"


def test_the_page_has_not_drifted() -> None:
    assert PAGE.read_text("utf-8") == facts_page(), "run `make docs`"


def test_every_column_of_every_kind_is_on_it() -> None:
    page = facts_page()
    for schema in SCHEMAS.values():
        assert f"## {schema.kind}" in page
        assert all(f"| `{column.name}` |" in page for column in schema.columns)
