import pytest

from qalqan.errors import InputRejected
from qalqan.text.line import line


def test_closes_up_and_masks() -> None:
    assert line("title", "  Call \n +7 701 123 45 67\tnow ", 40) == "Call •••4567 now"


def test_the_id_of_an_act_stays_readable_beside_a_phone() -> None:
    told = line("source", "adilet.zan.kz, Z1900000277, Z990000399_, tel 87011234567", 200)
    assert told == "adilet.zan.kz, Z1900000277, Z990000399_, tel •••4567"


@pytest.mark.parametrize(("text", "code"), [(" \n", "text.empty"), ("abcdef", "text.too_long")])
def test_refuses_nothing_and_too_much(text: str, code: str) -> None:
    with pytest.raises(InputRejected) as refused:
        line("place", text, 5)
    assert (refused.value.field, refused.value.expected) == ("place", code)


def test_nothing_is_fine_where_nothing_is_needed() -> None:
    assert line("note", None, 5, needed=False) == ""
