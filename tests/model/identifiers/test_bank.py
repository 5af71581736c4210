import pytest

from qalqan.errors import InputRejected
from qalqan.model.identifiers.bank import canonical


@pytest.mark.parametrize(
    ("text", "code"),
    [("722", "722"), ("kzaml", "KZAML"), ("CASPKZKAXXX", "CASPKZKA"), ("САSРКZКА", "CASPKZKA")],
)
def test_canonical(text, code):
    assert canonical(text).text == code


@pytest.mark.parametrize("text", ["", "7", "A B", "ЖБАНК", "X" * 12])
def test_refusals(text):
    with pytest.raises(InputRejected):
        canonical(text)
