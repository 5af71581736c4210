from pathlib import Path

from qalqan.model.identifiers import KINDS
from qalqan.model.identifiers.reference import EXAMPLES, identifiers_page

PAGE = Path(__file__).parents[3] / "docs/reference/identifiers.md"


def test_every_kind_has_examples_of_both_sorts():
    assert set(EXAMPLES) == set(KINDS)
    page = identifiers_page()
    for kind in KINDS:
        section = page.split(f"\n## {kind}\n")[1].split("\n## ")[0]
        assert "refused" in section, kind
        assert section.count("\n| `") > section.count("| refused |"), kind


def test_the_page_has_not_drifted():
    assert PAGE.read_text(encoding="utf-8") == identifiers_page()
