import pytest

from qalqan.errors import InputRejected
from qalqan.model.identifiers.bic import canonical


@pytest.mark.parametrize(
    ("text", "code", "country", "branch"),
    [
        ("CASPKZKA", "CASPKZKA", "KZ", None),
        ("hsbk kz kx xxx", "HSBKKZKX", "KZ", None),
        ("DEUTDEFF500", "DEUTDEFF500", "DE", "500"),
        ("САSРКZКА", "CASPKZKA", "KZ", None),
    ],
)
def test_canonical(text, code, country, branch):
    found = canonical(text)
    assert (found.text, found.country, found.branch) == (code, country, branch)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "text.empty"),
        ("CASPKZ", "bic.shape"),
        ("CASPKZKAX", "bic.shape"),
        ("CASP11KA", "bic.shape"),
        ("CASPZZKA", "bic.country"),
    ],
)
def test_refusals(text, expected):
    with pytest.raises(InputRejected) as refused:
        canonical(text)
    assert refused.value.expected == expected
