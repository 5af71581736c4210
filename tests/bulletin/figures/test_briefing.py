"""Each of the briefing's figures, and whether it is what its own numbers give (REQ-1 to 15)."""

from qalqan.bulletin.figures.briefing import statements


def test_every_requirement_of_the_statistics_is_reproduced() -> None:
    assert {each.req for each in statements()} == set(range(1, 16))


def test_what_the_source_says_and_its_numbers_don_t() -> None:
    wrong = {(each.req, each.what) for each in statements() if not each.agrees}
    assert wrong == {
        (2, "as the series is printed, to 2022"), (3, "2022 against 2021"),
        (4, "share of all fraud, 2023"), (8, "the two methods against fake ads alone, 2023"),
    }  # fmt: skip


def test_roundings() -> None:
    told = {each.what: each.rounded.replace("\u00a0", " ") for each in statements()}
    assert told["share of all fraud, 2023"] == "49.3%"
    assert told["mean damage of a crime, 2023"] == "0.97 M ₸"
    assert told["base that 18.7 % of ordinary crimes implies"] == "115 705.9"
    assert told["all other methods, 2023 against 2022"] == "+22.9%"
    assert told["returned of the damage, if both are of one period"] == "4%"
    assert told["frauds of each of them"] == "5.00"
    assert told["as the series is printed, to 2022"] == "9.99"
    assert told["2023 against 2017"] == "10.58"
    assert told["rented cabinets, if “this year” is January"] == "16%"
    assert told["SIP and SIM boxes, if “this year” is January"] == "15.4%"
