import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import InputRejected
from qalqan.model.identifiers.card import canonical, luhn


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111",
        "5555-5555-5555-4444",
        "378282246310005",
        "6011111111111117",
        "3530111333300000",
        "4222222222222",
        "２２２３００００４８４００01１",
    ],
)
def test_published_test_cards(text):
    found = canonical(text)
    assert found.text.isascii()
    assert found.last_four == found.text[-4:]
    assert found.text not in repr(found)


@given(st.text("0123456789", min_size=10, max_size=17))
def test_exactly_one_last_digit_is_right(start):
    number = "4" + start
    right = [d for d in "0123456789" if luhn(number + d) == 0]
    assert len(right) == 1
    assert canonical(number + right[0]).last_four == (number + right[0])[-4:]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "text.empty"),
        ("4111 1111 1111 1112", "card.check_digit"),
        ("0000 0000 0000 0000", "card.shape"),
        ("41111111111", "card.shape"),
        ("4" * 20, "card.shape"),
        ("4111-1111-1111-111x", "card.shape"),
    ],
)
def test_refusals(text, expected):
    with pytest.raises(InputRejected) as refused:
        canonical(text)
    assert refused.value.expected == expected
