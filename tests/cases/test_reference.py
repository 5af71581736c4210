"""The page of orders says what the machine, the law table and the wire say."""

from pathlib import Path

from qalqan.cases.grounds import grounds
from qalqan.cases.orders import TRANSITIONS, Event
from qalqan.cases.policy import default_body
from qalqan.cases.reference import orders_page
from qalqan.exchange.order_message import Answer, OrderMessage
from qalqan.model.order import TERMINAL, Kind, Outcome, State

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "orders.md"


def table(head: str) -> list[list[str]]:
    """Rows of the table on the page whose head begins like this."""
    _, rest = orders_page().split(f"\n| {head} ", 1)
    lines = rest.split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def test_the_page_has_not_drifted() -> None:
    assert PAGE.read_text("utf-8") == orders_page(), "run `make docs`"


def test_the_table_of_moves_is_the_machine() -> None:
    states = [state for state in State if state not in TERMINAL]
    rows = table("event")
    assert [row[0] for row in rows] == [f"`{event}`" for event in Event]
    for event, (_, *cells) in zip(Event, rows, strict=True):
        for state, cell in zip(states, cells, strict=True):
            assert cell == " or ".join(TRANSITIONS.get((state, event), ("—",))), (state, event)


def test_every_move_that_changes_the_state_is_drawn() -> None:
    page = orders_page()
    for (state, event), targets in TRANSITIONS.items():
        for target in {*targets} - {state}:
            drawn = [line for line in page.splitlines() if f" {state} --> {target}:" in line]
            everywhere = f"From every state, `{event}` leads to {target}." in page
            assert everywhere or event in drawn[0].split(": ")[1].split(", ")


def test_only_a_provisional_hold_goes_without_the_people_whom_a_hold_needs() -> None:
    rows = {name: (people, policy) for name, people, policy, _ in table("kind | people")}
    assert rows["`hold`"] == ("2", "no")
    assert rows["`hold`, provisional"] == ("2", "yes")
    assert rows["`return`"] == ("2", "no")
    assert len(rows) == len(Kind) + 1


def test_every_ground_stands_with_its_source_and_whether_a_lawyer_confirmed_it() -> None:
    rows = {row[0]: row for row in table("ground")}
    for ground in grounds():
        row = rows[f"`{ground.code}`"]
        assert ground.source in row
        assert row[-1] == ("yes" if ground.confirmed else "**no**")


def test_every_value_of_the_policy_is_there() -> None:
    flat = {}
    for name, value in default_body().items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        flat |= {f"`{name}.{part}`".replace(".`", "`"): str(inner) for part, inner in parts}
    assert {row[0]: row[1] for row in table("value")} == flat


def test_kinds_states_outcomes_and_fields_are_all_named() -> None:
    page = orders_page()
    for word in (*Kind, *State, *Outcome, *OrderMessage.model_fields, *Answer.model_fields):
        assert f"| `{word}` |" in page
