import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from qalqan.geo.number_columns import number_classes
from qalqan.geo.numbering import number_class

NUMBERS = st.one_of(
    st.none(),
    st.from_regex(r"\+7[0-9]{10}", fullmatch=True),
    st.sampled_from(["+442079460018", "1414", "+996555123456", "+7701", "112", "+870773111632"]),
)


@given(st.lists(NUMBERS))
def test_a_column_is_classed_like_its_numbers(numbers):
    countries, kinds = number_classes(pa.array(numbers, pa.string()))
    found = [number_class(number) if number else None for number in numbers]
    assert countries.to_pylist() == [one.country if one else None for one in found]
    assert kinds.to_pylist() == [one.kind if one else None for one in found]
