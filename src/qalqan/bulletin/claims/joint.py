"""Two sentences read as one, as in "Last year there were 500. Now it is 600, or 20 % more"."""

from __future__ import annotations

from qalqan.bulletin.claims.reading import Reading
from qalqan.bulletin.claims.sentence import Sentence


def with_the_one_before(reading: Reading, sentence: Sentence) -> Sentence | None:
    """A sentence and the one before it in its paragraph, as one."""
    if not sentence.index:
        return None
    paragraph = reading.paragraphs[sentence.paragraph]
    before = paragraph.sentences[sentence.index - 1]
    start, end = before.offset, sentence.offset + len(sentence.text)
    return Sentence(
        sentence.paragraph, sentence.index, start, paragraph.clean.plain[start:end],
        paragraph.clean.shown[start:end], sentence.words,
        (*before.numbers, *sentence.numbers), (*before.whens, *sentence.whens),
    )  # fmt: skip
