import numpy as np
import pyarrow as pa

from qalqan.geo.number_columns import number_classes
from qalqan.geo.numbering import number_class
from qalqan.model.identifiers import column
from qalqan.simulate.calls.numbers import (
    COUNTRIES,
    UNALLOCATED,
    abroad,
    city,
    in_sequence,
    ranges_for,
)
from qalqan.simulate.calls.places import REGIONS
from qalqan.simulate.calls.sales import phone_texts


def test_every_slot_is_a_mobile_number_of_its_own():
    ranges = ranges_for(2_000)
    texts = phone_texts(ranges.number(np.arange(ranges.slots)))
    assert len(texts.unique()) == ranges.slots
    countries, kinds = number_classes(texts)
    assert countries.unique().to_pylist() == ["KZ"]
    assert kinds.unique().to_pylist() == ["mobile"]


def test_city_numbers_are_fixed():
    texts = phone_texts(city(np.arange(len(REGIONS)), np.full(len(REGIONS), 200_000)))
    assert number_classes(texts)[1].unique().to_pylist() == ["fixed"]


def test_numbers_abroad_belong_to_their_countries():
    for name in COUNTRIES:
        texts = phone_texts(abroad(np.random.default_rng(1), 50, {name: 1}))
        assert column("phone", texts).text.equals(texts)
        assert set(number_classes(texts)[0].to_pylist()) <= {name, "CA" if name == "US" else name}


def test_unallocated_codes_carry_no_service():
    for code in UNALLOCATED:
        found = number_class(f"+7{code}2000000")
        assert (found.country, found.kind) == ("KZ", "unassigned")


def test_a_sequence_goes_up_with_a_few_slips():
    generator = np.random.default_rng(2)
    straight = in_sequence(generator, 1_000, 500, 3, 0.0)
    slipping = in_sequence(generator, 1_000, 500, 3, 0.3)
    assert (np.diff(straight) > 0).all()
    assert 0 < (np.diff(slipping) < 0).mean() < 0.6
    assert pa.array(slipping).null_count == 0
