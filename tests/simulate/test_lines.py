import numpy as np
import pytest

from qalqan.simulate import identity, lines
from qalqan.simulate.banks import BANKS
from qalqan.simulate.flows import INSTRUMENTS, PURPOSES
from qalqan.simulate.lines import End, Entry
from qalqan.simulate.population import BANK_CODES
from qalqan.simulate.tables import past_payments


def _end(town, account):
    accounts = town.population.accounts
    bank = accounts.bank[account]
    return End(
        accounts.text[int(account)].as_py(),
        None if bank < 0 else str(BANK_CODES[bank]),
        accounts.holder[int(account)].as_py(),
    )


@pytest.mark.parametrize("bank", range(len(BANKS)))
def test_one_line_says_what_the_column_says(town, bank):
    past, accounts = town.past, town.population.accounts
    rows = {row["id"]: row for row in past_payments(town, bank).to_pylist()}
    touches = (accounts.bank[past.payer] == bank) | (accounts.bank[past.payee] == bank)
    rare = np.flatnonzero(touches & (past.instrument > 1))[::40]
    for i in [*np.flatnonzero(touches)[::97], *rare]:
        entry = Entry(
            int(i) + 1, int(past.at_us[i]), _end(town, past.payer[i]), _end(town, past.payee[i]),
            int(past.amount[i]), INSTRUMENTS[past.instrument[i]], PURPOSES[past.purpose[i]],
        )  # fmt: skip
        told = lines.line(entry, BANKS[bank].code)
        if told["at_us"] <= town.start_us:
            assert told == {k: v for k, v in rows[told["id"]].items() if v is not None}


def test_chance_is_the_same_for_numbers_and_columns():
    numbers = np.arange(1, 50)
    assert [lines.mix(int(n), 11) for n in numbers] == identity.mix(numbers, 11).tolist()
    columns = identity.uetrs(numbers, lines.UETR_SALT).to_pylist()
    assert [lines.uetr(int(n)) for n in numbers] == columns
