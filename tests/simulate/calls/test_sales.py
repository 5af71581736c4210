import numpy as np
import pyarrow.compute as pc

from qalqan.model.identifiers import column
from qalqan.simulate.calls.sales import COMPANY, PERSON, Sales
from qalqan.simulate.identity import padded


def test_holders_are_valid_and_nobody_comes_twice():
    sales = Sales(np.random.default_rng(8), 3)
    people = padded(np.concatenate([sales.persons(30_000), sales.persons(20_000)]), 12)
    assert len(people.unique()) == 50_000
    assert column("iin", people).text.equals(people)
    firms = padded(sales.firms(500), 12)
    assert column("bin", firms).text.equals(firms)


def test_a_dealer_tells_the_region_and_none_hides_it():
    sales = Sales(np.random.default_rng(8), 3)
    sales.register(
        np.array([5_500_000, 2_000_000]), np.array([77_010_000_001, 77_010_000_002]),
        sales.persons(2), PERSON, np.array([3, 4]), 1.0,
    )  # fmt: skip
    sales.register(
        np.array([9_000_000]), np.array([77_010_000_003]), sales.firms(1), COMPANY,
        np.array([-1]), 0.0,
    )  # fmt: skip
    table = sales.table()
    assert table["at_us"].to_pylist() == [2_000_000, 5_000_000, 9_000_000]
    assert table["region"].to_pylist() == ["KZ-71", "KZ-71", None]
    assert table["dealer"].to_pylist() == ["D-0004", "D-0003", None]
    assert table["biometric"].to_pylist() == [True, True, False]
    assert pc.all(pc.starts_with(table["phone"], "+7701")).as_py()
