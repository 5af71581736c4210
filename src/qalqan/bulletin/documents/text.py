"""A bulletin as plain text: what the checker of finished texts reads, and what a letter holds."""

from __future__ import annotations

from qalqan.bulletin.documents.speak import Spoken, SpokenSection, SpokenTable
from qalqan.text.catalogue import say


def text(spoken: Spoken) -> bytes:
    """UTF-8."""
    language = spoken.language
    blocks = [spoken.mark, spoken.title, spoken.subtitle, *spoken.warnings, *spoken.words]
    for section in spoken.sections:
        blocks += _section(section)
    for title, lines in (
        ("methods", [f"{name}: {counts}" for name, counts in spoken.methods]),
        ("notes", list(spoken.notes)),
        ("sources", list(spoken.sources)),
    ):
        blocks += [say(f"bulletin.{title}.title", language), "\n".join(lines)]
    return ("\n\n".join(block for block in blocks if block) + "\n").encode()


def _section(section: SpokenSection) -> list[str]:
    table = [_table(section.table)] if section.table else []
    return [section.title, *section.sentences, *table, *section.notes]


def _table(table: SpokenTable) -> str:
    lines = ["\t".join(table.heads)]
    lines += ["\t".join([name, *(cell.text for cell in cells)]) for name, cells in table.rows]
    return "\n".join(lines)
