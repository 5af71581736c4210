import pytest

from qalqan.errors import InputRejected
from qalqan.model.identifiers.bin import canonical


@pytest.mark.parametrize(
    ("text", "registered"),
    [("940140000385", "94-01"), ("990 140 004 654", "99-01"), ("971240001315", "97-12")],
)
def test_published_numbers(text, registered):
    found = canonical(text)
    assert found.text == text.replace(" ", "")
    assert (found.registered, found.kind, found.part) == (registered, "resident", "head")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" ", "text.empty"),
        ("12345678901", "bin.shape"),
        ("949940000385", "bin.date"),
        ("940040000385", "bin.date"),
        ("940190000385", "bin.type"),
        ("940130000385", "bin.type"),
        ("940149000385", "bin.type"),
        ("940140000384", "bin.check_digit"),
    ],
)
def test_refusals(text, expected):
    with pytest.raises(InputRejected) as refused:
        canonical(text)
    assert refused.value.expected == expected
