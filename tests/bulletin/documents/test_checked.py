"""Our own bulletins before our own checker: silent as they are, and not when one number is changed
(REQ-79 to 87)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from qalqan.bulletin import claims
from qalqan.bulletin.claims import Block, Report
from qalqan.bulletin.documents.parts import Body, figures_of
from qalqan.bulletin.documents.write import write
from qalqan.bulletin.figures.official import shipped
from qalqan.exchange.document_text import read
from qalqan.text.catalogue import LANGUAGES

Bodies = Mapping[tuple[str, str, str], Body]


def checked(body: Body, language: str, data: bytes) -> Report:
    blocks = [Block(b.text, b.cells, b.table) for b in read(data, "bulletin")]
    return claims.check(blocks, language, [*figures_of(body), *shipped()], body.period)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_bulletin_of_ours_is_accused(bodies: Bodies, language: str) -> None:
    for key, body in bodies.items():
        for form in ("txt", "docx"):
            found = checked(body, language, write(body, language, form)).problems
            assert [(p.code, p.quote) for p in found] == [], (key, form)


@pytest.mark.parametrize(
    ("language", "told", "wrong"),
    [
        ("en", "up 50%", "up 70%"), ("en", "up 50%", "down 50%"),
        ("ru", "рост на 50", "рост на 70"), ("ru", "рост на 50", "снижение на 50"),
        ("kk", "өсім 50", "өсім 70"), ("kk", "өсім 50", "азаю 50"),
    ],
)  # fmt: skip
def test_one_changed_number_or_word_is_found(
    bodies: Bodies, language: str, told: str, wrong: str
) -> None:
    body = bodies["month", "2026-10", ""]
    text = write(body, language, "txt").decode()
    assert told in text
    report = checked(body, language, text.replace(told, wrong, 1).encode())
    assert [p.severity for p in report.problems] == ["false"]
