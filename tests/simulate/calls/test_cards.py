import numpy as np
import pyarrow as pa
import pytest

from qalqan.model.identifiers import column, imei
from qalqan.simulate.calls.cards import Cards, Devices, luhn
from qalqan.simulate.calls.numbers import ranges_for


@pytest.fixture
def cards() -> Cards:
    return Cards(np.random.default_rng(3), ranges_for(5_000))


def test_no_number_or_card_is_dealt_twice(cards):
    dealt = [cards.deal(3_000), cards.deal(40, pack=True), cards.deal(1_000)]
    numbers = np.concatenate([issue.number for issue in dealt])
    assert len(np.unique(numbers)) == 4_040
    assert len(np.unique(cards.imsis())) == 4_040
    assert np.array_equal(numbers, cards.numbers())
    assert column("imsi", pa.array(cards.imsis()).cast(pa.string())).refused.null_count == 4_040


def test_a_pack_follows_in_number(cards):
    pack = cards.deal(30, pack=True).number
    assert (np.diff(pack) > 0).all()
    assert len(np.unique(pack // 10_000)) <= 2


def test_devices_are_valid_and_each_once():
    devices = Devices(np.random.default_rng(3))
    first = devices.phones(4_000)
    devices.second_slots(first[:500])
    devices.gateways(20)
    texts = pa.array(devices.imeis()).cast(pa.string())
    assert len(texts.unique()) == 4_520
    assert column("imei", texts).text.equals(texts)


def test_the_check_digit_is_luhns():
    stems = np.array([35_000_000_000_002, 86_900_012_345_678])
    for stem, whole in zip(stems, luhn(stems), strict=True):
        assert imei.canonical(str(stem)).text == str(whole)
