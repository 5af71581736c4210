"""The registry of devices: moves, two people for black, terms that end by themselves (REQ-47)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from persons import Officer
from qalqan.cases import device_file, devices
from qalqan.cases.devices import BLACK, GREY, LISTS, UNLISTED, WHITE, Move
from qalqan.clock import DAY
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.register import orm, partners

ASEL, DANIYAR = Officer("asel"), Officer("daniyar")
IMEI, OTHER = "490154203237518", "356938035643809"
LICENCE = Move(WHITE, "dala", "Licence 12/2025")


@pytest.fixture
def operators(centre):
    with centre.database.write() as session:
        for code in ("dala", "jol"):
            names = dict.fromkeys(("kk", "ru", "en"), code)
            partners.add_partner(session, code, "operator", names)
    return centre


def put(centre, move, officer=ASEL, imei=IMEI):
    with centre.database.write() as session:
        return devices.put(session, centre.keys, officer, imei, move)


def tell(centre, partner, move, imei=IMEI):
    with centre.database.write() as session:
        return devices.tell(session, centre.keys, partner, imei, move)


def test_a_device_is_known_however_its_number_is_written(operators):
    first, again = put(operators, LICENCE), put(operators, LICENCE, imei="49-015420-323751-8")
    assert (first.device, first.list, first.holder) == (again.device, WHITE, "dala")
    assert first.device.startswith("dev_")
    with operators.database.session() as session:
        assert len(devices.history(session, first.device)) == 1


def test_black_takes_two_people_and_so_does_leaving_it(operators):
    row = put(operators, Move(BLACK, note="Calls for 87011234567"))
    assert row.list == UNLISTED
    with operators.database.write() as session:
        with pytest.raises(NotAllowed):
            devices.agree(session, ASEL, row.device, True)
        with pytest.raises(Conflict):
            devices.put(session, operators.keys, ASEL, IMEI, LICENCE)
        assert devices.agree(session, DANIYAR, row.device, True).list == BLACK
        with pytest.raises(Conflict):
            devices.agree(session, DANIYAR, row.device, True)
    assert put(operators, Move(UNLISTED)).list == BLACK
    with operators.database.write() as session:
        assert devices.agree(session, DANIYAR, row.device, False).list == BLACK
        steps = devices.history(session, row.device)
        assert [(s.what, s.by, s.second) for s in steps] == [
            ("refused", "asel", "daniyar"), ("put", "asel", "daniyar"),
        ]  # fmt: skip
        assert "1234567" not in steps[-1].note


def test_the_grey_term_ends_by_itself_before_anybody_notes_it(operators):
    row = put(operators, Move(GREY))
    now = operators.clock.now_us()
    assert row.until_us == now + 30 * DAY
    assert devices.in_force(row, now + 30 * DAY - 1) == GREY
    assert devices.in_force(row, now + 30 * DAY) == UNLISTED
    operators.clock.set(now + 31 * DAY)
    with operators.database.write() as session:
        assert devices.expire(session) == 1
        assert devices.expire(session) == 0
        kept = session.get_one(orm.Device, row.device)
        assert (kept.list, kept.grey_over_us) == (UNLISTED, now + 30 * DAY)
        assert devices.history(session, row.device)[0].what == "lapsed"


def test_nobody_draws_the_grey_term_out_by_telling_of_it_again(operators):
    row = tell(operators, "dala", Move(GREY, reference="A 1"))
    over = row.until_us
    operators.clock.set(over - DAY)
    again = tell(operators, "dala", Move(GREY, reference="A 2"))
    assert (again.until_us, again.reference) == (over, "A 2")
    assert put(operators, Move(GREY, "dala", "A 3")).until_us == over
    operators.clock.set(over + DAY)
    with pytest.raises(InputRejected) as refused:
        tell(operators, "dala", Move(GREY, reference="A 4"))
    assert refused.value.expected == "device.grey_over"
    with operators.database.write() as session:
        assert devices.expire(session) == 1
    with pytest.raises(InputRejected):
        tell(operators, "dala", Move(GREY, reference="A 4"))
    with operators.database.session() as session:
        assert session.get_one(orm.Device, row.device).grey_over_us == over
    assert tell(operators, "dala", LICENCE).list == WHITE
    anew = put(operators, Move(GREY, "dala"))  # an officer gives another term, and it shows
    assert anew.until_us == over + 31 * DAY


def test_a_licence_ends_on_its_day(operators):
    row = put(operators, Move(WHITE, "dala", "L 1", until_us=operators.clock.now_us() + DAY))
    operators.clock.set(operators.clock.now_us() + DAY)
    assert devices.in_force(row, operators.clock.now_us()) == UNLISTED
    with operators.database.write() as session:
        assert devices.expire(session) == 1
        assert session.get_one(orm.Device, row.device).grey_over_us is None


@pytest.mark.parametrize(
    ("move", "field"),
    [
        (Move("blue"), "list"),
        (Move(WHITE, None, "L 1"), "holder"),
        (Move(WHITE, "dala", " "), "reference"),
        (Move(GREY, "altyn"), "holder"),
        (Move(GREY, region="KZ-99"), "region"),
        (Move(WHITE, "dala", "L 1", until_us=1), "until"),
        (Move(GREY, reference="x" * 101), "reference"),
    ],
)
def test_a_move_that_cannot_be_is_refused(operators, move, field):
    with pytest.raises(InputRejected) as refused:
        put(operators, move)
    assert refused.value.field == field
    with pytest.raises(InputRejected):
        put(operators, LICENCE, imei="490154203237519")
    with pytest.raises(NotAllowed):
        put(operators, LICENCE, Officer("x", "auditor"))


def test_an_operator_tells_its_own_devices_alone(operators):
    assert tell(operators, "dala", LICENCE).holder == "dala"
    for move in (Move(GREY), Move(WHITE, "jol", "L 2"), Move(UNLISTED)):
        with pytest.raises(InputRejected):
            tell(operators, "jol", move)
    black = tell(operators, "jol", Move(BLACK), OTHER)
    assert black.list == UNLISTED
    with operators.database.write() as session:
        assert devices.agree(session, ASEL, black.device, True).list == BLACK
    with pytest.raises(InputRejected):
        tell(operators, "jol", Move(GREY), OTHER)
    assert tell(operators, "jol", Move(BLACK), OTHER).list == BLACK


def test_an_operator_takes_no_device_off_the_grey_list_alone(operators):
    put(operators, Move(GREY, "dala"))
    assert tell(operators, "dala", LICENCE).list == GREY
    with operators.database.write() as session:
        row = session.query(orm.Device).one()
        assert devices.agree(session, ASEL, row.device, True).list == WHITE


def test_a_file_is_taken_line_by_line_and_given_out_for_a_purpose(operators):
    body = (
        "imei;list;holder;reference;region;until;note\n"
        f"{IMEI};White;dala;Licence 12;KZ-75;2027-01-31;\n"
        "490154203237519;white;dala;L;;;\n"
        f"{OTHER};black;;;;;a stranger's\n"
        f"{OTHER};grey;;;;;\n"
        "353918051234567;grey;;;;soon;\n"
    ).encode()
    with operators.database.write() as session:

        def one(session, imei, move):
            return devices.put(session, operators.keys, ASEL, imei, move)

        became = device_file.take(session, one, device_file.read(body))
    told = [(each.line, each.list, each.waits, type(each.error).__name__) for each in became]
    assert told == [
        (2, WHITE, False, "NoneType"),
        (3, "", False, "InputRejected"),
        (4, UNLISTED, True, "NoneType"),
        (5, "", False, "Conflict"),
        (6, "", False, "InputRejected"),
    ]
    with operators.database.write() as session:
        csv = device_file.given_out(session, operators.keys, ASEL, "Check of the licences")
        assert csv.decode().splitlines()[1:] == [f"{IMEI},white,dala,Licence 12,KZ-75,2027-01-31,"]
        opened = session.query(orm.Audit).filter_by(action="reveal").one()
        assert opened.purpose == "Check of the licences"
        with pytest.raises(NotAllowed):
            device_file.given_out(session, operators.keys, Officer("o", "operator"), "x" * 9)
    for wrong in (b"", b"\xff\xfe", b"imei\n1\n", b"imei,list,colour\n", b"imei,list,list\n"):
        with pytest.raises(InputRejected):
            list(device_file.read(wrong))


class Moves(RuleBasedStateMachine):
    """Whatever officers and the clock do, black takes two and no list outlasts its term."""

    @initialize()
    def begin(self):
        self.twice: set[str] = set()
        with CENTRE[0].database.write() as session:
            session.query(orm.DeviceStep).delete()
            session.query(orm.Device).delete()

    def step(self, do):
        try:
            with CENTRE[0].database.write() as session:
                return do(session)
        except (Conflict, InputRejected, NotAllowed):
            return None

    @rule(to=st.sampled_from(LISTS), who=st.sampled_from((ASEL, DANIYAR)))
    def put(self, to, who):
        move = Move(to, "dala", "L 1")
        self.step(lambda s: devices.put(s, CENTRE[0].keys, who, IMEI, move))

    @rule(who=st.sampled_from((ASEL, DANIYAR)), yes=st.booleans())
    def agree(self, who, yes):
        self.step(lambda s: devices.agree(s, who, s.query(orm.Device).one().device, yes)
                  if s.query(orm.Device).count() else None)  # fmt: skip

    @rule(days=st.integers(1, 40))
    def wait(self, days):
        CENTRE[0].clock.set(CENTRE[0].clock.now_us() + days * DAY)
        self.step(devices.expire)

    @invariant()
    def holds(self):
        with CENTRE[0].database.session() as session:
            for row in session.query(orm.Device):
                steps = list(reversed(devices.history(session, row.device)))
                now = UNLISTED
                for each in steps:
                    if each.pending or each.what == "refused":
                        continue
                    assert each.was == now
                    if BLACK in (each.was, each.list):
                        assert each.second is not None
                        assert each.second != each.by
                    now = each.list
                assert now == row.list
                assert sum(each.pending for each in steps) <= 1
                REACHED.add(row.list)
                if row.list == GREY:
                    assert row.until_us > CENTRE[0].clock.now_us()


CENTRE: list = []
REACHED: set[str] = set()
"""Lists that the device was on: what never happens proves nothing."""


def test_whatever_happens_black_takes_two_people(operators):
    CENTRE[:] = [operators]
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Moves,
        settings=settings(
            max_examples=15, stateful_step_count=12, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert set(LISTS) <= REACHED
