import pytest

from qalqan.errors import InputRejected
from qalqan.model.identifiers.bin import Bin
from qalqan.model.identifiers.iin import Iin
from qalqan.model.identifiers.person import canonical


def test_the_fifth_digit_tells_a_company_from_a_person():
    assert isinstance(canonical("940140000385"), Bin)
    assert isinstance(canonical("880101300123"), Iin)
    assert canonical("88О1О1 300123").folded == ("О",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "person.shape"),
        ("880170300123", "person.shape"),
        ("880149300123", "bin.type"),
        ("940140000384", "bin.check_digit"),
        ("880101300124", "iin.check_digit"),
    ],
)
def test_refusals(text, expected):
    with pytest.raises(InputRejected) as refused:
        canonical(text)
    assert refused.value.expected == expected
