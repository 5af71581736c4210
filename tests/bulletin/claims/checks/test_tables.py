"""Tables that add up, and those that don't."""

import pytest

from qalqan.bulletin.claims import check

TABLE = """Бюллетень за март 2025 года
| Регион | 2024 | 2025 | Доля, % |
|---|---|---|---|
| Алматы | 490 | {a} | {share} |
| Прочие | 842 | 945 | 63,6 |
| Всего | 1 332 | 1 485 | 100 |"""


def codes(text, **more):
    return {p.code for p in check(text, **more).problems}


@pytest.mark.parametrize(
    ("a", "share", "expected"),
    [("540", "36,4", set()), ("550", "37,0", {"table.sum"}), ("540", "39,4", {"table.share"})],
)
def test_a_table_adds_up(a, share, expected):
    assert codes(TABLE.format(a=a, share=share)) == expected


def test_changes_of_a_table_are_reckoned():
    rows = (
        "| | 2024 | 2025 | Изменение, % |\n| Алматы | 490 | 540 | {} |\n"
        "| Прочие | 842 | 945 | +12,2 |"
    )
    assert codes(rows.format("+10,2")) == set()
    assert codes(rows.format("+12,0")) == {"table.change"}
    assert codes(rows.format("−10,2")) == {"table.change"}
