"""Who is robbed, how, of how much, and how late it is told (REQ-10, 16, 27 to 33).

The source says that people report after 3 days to several months. A run has nine days, so
delays are drawn from four bands, a band's moments evenly on a logarithmic scale: a fifth at
once (8 to 40 minutes), three tenths within six hours, three tenths within two days, a fifth
after 2 to 20 days. Four fifths are thus faster than the source's: the run shows what speed
would be worth, and the last fifth what the source describes.
"""

from __future__ import annotations

import numpy as np

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.simulate.fees import TENGE
from qalqan.simulate.flows import PURPOSE_OF, Flow, flow
from qalqan.simulate.identity import Ints
from qalqan.simulate.plan import Claim
from qalqan.simulate.population import FEES, Population
from qalqan.simulate.sizes import FIRST_US, START_US, Size

DELAYS = (
    (0.2, 8 * MINUTE, 40 * MINUTE),
    (0.3, 40 * MINUTE, 6 * HOUR),
    (0.3, 6 * HOUR, 2 * DAY),
    (0.2, 2 * DAY, 20 * DAY),
)
"""(chance, least, most) of the time from crime to report."""
FIRST_REPORT_US, LAST_REPORT_US = START_US + HOUR, START_US + 6 * DAY
METHODS: tuple[tuple[float, tuple[str, ...], int], ...] = (
    (0.38, ("27",), 160_000),
    (0.16, ("28",), 900_000),
    (0.10, ("29",), 1_100_000),
    (0.06, ("30",), 900_000),
    (0.08, ("31",), 1_200_000),
    (0.08, ("28", "31"), 1_500_000),
    (0.10, ("32",), 350_000),
    (0.04, ("27", "32"), 220_000),
)
"""(chance, codes of the code book, median loss in tenge): fake ads are 38 % (REQ-10)."""
LOAN_METHODS = frozenset({"30", "31"})
REGIONS = ("KZ-75", "KZ-71", "KZ-79", "KZ-35", "KZ-63", "KZ-10", "KZ-19")
LEAST_TENGE, MOST_TENGE = 60_000, 8_000_000


def delays(generator: np.random.Generator, n: int) -> Ints:
    """Times from crime to report, microseconds: the bands filled in exact shares, shuffled."""
    edges = np.cumsum([chance for chance, _, _ in DELAYS])
    place = (np.arange(n) + 0.5) / n
    band = np.minimum(np.searchsorted(edges, place), len(DELAYS) - 1)
    least = np.log(np.array([low for _, low, _ in DELAYS], dtype=float))[band]
    most = np.log(np.array([high for _, _, high in DELAYS], dtype=float))[band]
    drawn = np.exp(least + (most - least) * generator.random(n)).astype(np.int64)
    shuffled: Ints = generator.permutation(drawn)
    return shuffled


def _losses(generator: np.random.Generator, method: Ints) -> Ints:
    median = np.array([median for _, _, median in METHODS], dtype=float)[method]
    drawn = generator.lognormal(np.log(median), 0.55) // 100 * 100
    losses: Ints = np.clip(drawn, LEAST_TENGE, MOST_TENGE).astype(np.int64) * TENGE
    return losses


def victims(
    generator: np.random.Generator, population: Population, size: Size, free: Ints
) -> list[Claim]:
    """Draw the victims among the free people; rings and stages are filled in by `rings`."""
    n = size.victims
    who = free[generator.permutation(len(free))[:n]]
    chances = np.array([chance for chance, _, _ in METHODS])
    method = generator.choice(len(METHODS), n, p=chances / chances.sum())
    loss, delay = _losses(generator, method), delays(generator, n)
    reported = generator.integers(FIRST_REPORT_US, LAST_REPORT_US, n) // MINUTE * MINUTE
    at = np.maximum(reported - delay, FIRST_US + 3 * DAY)
    discovered = at + ((reported - at) * generator.random(n) * 0.8).astype(np.int64)
    names_payee = generator.random(n) < 0.6
    language = generator.random(n) < 0.55
    region = generator.integers(0, len(REGIONS), n)
    return [
        Claim(
            number=i, ring=-1, person=int(who[i]), payer=int(population.people.main[who[i]]),
            first_stage=-1, amount=int(loss[i]), at_us=int(at[i]), methods=METHODS[method[i]][1],
            discovered_us=int(discovered[i]), reported_us=int(reported[i]),
            language="kk" if language[i] else "ru", region=REGIONS[region[i]],
            names_payee=bool(names_payee[i]),
        )
        for i in np.argsort(at, kind="stable")
    ]  # fmt: skip


def loans(claims: tuple[Claim, ...], population: Population) -> Flow:
    """Online loans paid out in victims' names minutes before the money goes on (REQ-30, 31)."""
    taken = [claim for claim in claims if LOAN_METHODS & set(claim.methods)]
    payer = np.array([claim.payer for claim in taken], dtype=np.int64)
    at = np.array(
        [claim.at_us - (9 + claim.number % 14) * MINUTE for claim in taken], dtype=np.int64
    )
    amount = np.array([claim.amount for claim in taken], dtype=np.int64)
    paid = flow(at, FEES[population.accounts.bank[payer]], payer, amount, "loan")
    paid.purpose[:] = PURPOSE_OF["Онлайн-несие"]
    return paid
