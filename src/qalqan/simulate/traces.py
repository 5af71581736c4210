"""What other partners saw: SIM registrations, calls, sessions, loans, listings, sightings.

Kept small: enough of each of the kinds for detectors and pages to stand on. On purpose there:
dealers that register dozens of numbers on one person (REQ-50) beside a company's fleet that
does so by right; calls from abroad before a "safe account" (REQ-28, 45); loans in victims' names
(REQ-30); one car for sale in many cities (REQ-64); recruiting channels and links (REQ-32, 38).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.simulate.banks import BANKS, MARKET, OPERATORS, WATCH
from qalqan.simulate.flows import moments, sums
from qalqan.simulate.identity import padded
from qalqan.simulate.plan import Claim
from qalqan.simulate.sessions import device_of, sessions
from qalqan.simulate.sizes import DAYS, FIRST_US

if TYPE_CHECKING:
    from qalqan.simulate.country import Drawn

BULK_NUMBERS = (34, 58)
FLEET_NUMBERS = 80
CITIES = ("Алматы", "Астана", "Шымкент", "Қарағанды", "Ақтөбе", "Тараз", "Павлодар", "Өскемен")
DEALERS = ("Сымсыз дүкен", "Байланыс Плюс", "Номер маркет")
Batch = tuple[str, str, pa.Table]
Row = dict[str, Any]


def past_traces(country: Drawn) -> Iterator[Batch]:
    """(kind, source, table) of all that happened up to the start."""
    yield from _cut(country, first_us=0, last_us=country.start_us)


def traces_between(country: Drawn, first_us: int, last_us: int) -> list[Batch]:
    """The same for moments after `first_us` up to `last_us`."""
    return list(_cut(country, first_us, last_us))


def _cut(country: Drawn, first_us: int, last_us: int) -> Iterator[Batch]:
    for kind, source, table in all_traces(country):
        inside = pc.and_(
            pc.greater(table["at_us"], first_us), pc.less_equal(table["at_us"], last_us)
        )
        chosen = table.filter(inside)
        if chosen.num_rows:
            yield kind, source, chosen


def all_traces(country: Drawn) -> list[Batch]:
    """Everything, past and to come; the same for the same seed."""
    generator = np.random.default_rng([country.seed, 6])
    return [
        *_subscriptions(generator, country),
        *_calls(generator, country),
        *_sessions(generator, country),
        *_loans(generator, country),
        ("listing", MARKET, _listings(generator, country)),
        ("sighting", WATCH, _sightings(country)),
    ]


def _table(rows: list[Row], name: str) -> pa.Table:
    """Rows ordered by time, numbered by it."""
    rows.sort(key=lambda row: int(row["at_us"]))
    numbered = [{"id": f"{name}-{i:07d}", **row} for i, row in enumerate(rows, start=1)]
    return pa.Table.from_pylist(numbered)


def _subscriptions(generator: np.random.Generator, country: Drawn) -> list[Batch]:
    """Everybody's own number, then dealers' heaps and companies' fleets."""
    people, size = country.population.people, country.size
    n = size.people
    own = pa.table(
        {
            "id": pc.binary_join_element_wise("own", padded(np.arange(n), 7), "-"),
            "at_us": FIRST_US + generator.integers(0, DAYS * DAY, n),
            "event": pa.array(["activated"] * n),
            "phone": people.phone,
            "holder": people.iin,
            "holder_kind": pa.array(["person"] * n),
            "dealer": pa.array([DEALERS[i % 3] for i in range(n)]),
            "region": pa.array(["KZ-75"] * n),
            "biometric": pa.array([True] * n),
        }
    )
    half = pa.array(np.arange(n) % 3 == 0)
    firms = pa.Table.from_pylist(_firms(country), schema=own.schema)
    heaps = pa.Table.from_pylist(_heaps(generator, country), schema=own.schema)
    first = pa.concat_tables([own.filter(pc.invert(half)), heaps, firms]).sort_by("at_us")
    return [
        ("subscription", OPERATORS[0], first),
        ("subscription", OPERATORS[1], own.filter(half).sort_by("at_us")),
    ]


def _firms(country: Drawn) -> list[Row]:
    """A number of each company and sole trader: it tells which kind they are."""
    companies = country.population.companies
    traders = {*companies.changers.tolist(), *companies.cabinets.tolist()}
    return [
        {
            "id": f"firm-{number:06d}",
            "at_us": FIRST_US + (1 + number % 40) * HOUR,
            "event": "activated",
            "phone": f"+7727{3_000_000 + number:07d}",
            "holder": holder,
            "holder_kind": "sole_trader" if number in traders else "company",
            "dealer": None,
            "region": "KZ-75",
            "biometric": True,
        }
        for number, holder in enumerate(companies.bin.to_pylist())
    ]


def _heaps(generator: np.random.Generator, country: Drawn) -> list[Row]:
    size, people, companies = country.size, country.population.people, country.population.companies
    rows: list[Row] = []
    for heap in range(size.bulk_holders + size.fleets):
        fleet = heap >= size.bulk_holders
        count = FLEET_NUMBERS if fleet else int(generator.integers(*BULK_NUMBERS))
        start = FIRST_US + int(generator.integers(2 * DAY, 30 * DAY))
        every = 3 * HOUR if fleet else 4 * MINUTE
        holder = companies.bin[heap] if fleet else people.iin[heap * 17 + 5]
        rows += [
            {
                "id": f"heap-{heap:03d}-{i:03d}",
                "at_us": start + i * every,
                "event": "activated",
                "phone": f"+7708{3_000_000 + heap * 1_000 + i:07d}",
                "holder": holder.as_py(),
                "holder_kind": "company" if fleet else "person",
                "dealer": None if fleet else DEALERS[heap % 3],
                "region": "KZ-75",
                "biometric": fleet or i % 5 == 0,
            }
            for i in range(count)
        ]
    return rows


def _calls(generator: np.random.Generator, country: Drawn) -> list[Batch]:
    """Calls among people, and those that came before a robbery."""
    phone = country.population.people.phone.to_pylist()
    n = min(len(phone), 20_000) // 2
    caller, callee = (generator.integers(0, len(phone), n) for _ in range(2))
    at, length = moments(generator, n), generator.integers(5, 900, n)
    rows: list[Row] = [
        {
            "at_us": int(at[i]), "caller": phone[caller[i]], "callee": phone[callee[i]],
            "trunk": "core", "trunk_class": "domestic", "duration_s": int(length[i]),
            "answered": True,
        }
        for i in range(n) if caller[i] != callee[i]
    ]  # fmt: skip
    for claim in country.plan.claims:
        rows += _scam_calls(claim, phone[claim.person])
    return [("call", OPERATORS[0], _table(rows, "call"))]


def _scam_calls(claim: Claim, victim: str) -> list[Row]:
    if "28" not in claim.methods:
        return []
    spoofed = f"+7727{2_500_000 + claim.number * 13:07d}"
    return [
        {
            "at_us": claim.at_us - (50 - 15 * i) * MINUTE, "caller": spoofed, "callee": victim,
            "trunk": "intl-3", "trunk_class": "international", "duration_s": 240 + 60 * i,
            "answered": True,
        }
        for i in range(3)
    ]  # fmt: skip


def _sessions(generator: np.random.Generator, country: Drawn) -> list[Batch]:
    code = {bank.partner: bank.code for bank in BANKS}
    return [
        ("session", partner, _table(rows, f"{code[partner]}-session"))
        for partner, rows in sessions(generator, country)
    ]


def _loans(generator: np.random.Generator, country: Drawn) -> list[Batch]:
    """People's own applications, and those made in victims' names (REQ-30, 31)."""
    people, accounts = country.population.people, country.population.accounts
    n = max(40, len(people.main) // 40)
    who = generator.integers(0, len(people.main), n)
    at, amount = moments(generator, n), sums(generator, n, 250_000, 0.8, 10_000)
    rows: list[tuple[int, int, Row]] = [
        (
            int(accounts.bank[people.main[who[i]]]),
            int(people.main[who[i]]),
            {
                "at_us": int(at[i]), "amount": int(amount[i]),
                "device": device_of(country, int(who[i])),
                "decision": "granted" if i % 3 else "refused",
            },
        )
        for i in range(n)
    ]  # fmt: skip
    for claim in country.plan.claims:
        rows += _stolen_loans(country, claim)
    made: list[Batch] = []
    for index, bank in enumerate(BANKS):
        mine = [
            {
                **row, "currency": "KZT", "payout_account": accounts.text[payout].as_py(),
                "applicant": row.get("applicant", accounts.holder[payout].as_py()),
                "payout_bank": BANKS[accounts.bank[payout]].code,
            }
            for lender, payout, row in rows if lender == index
        ]  # fmt: skip
        if mine:
            made.append(("loan", bank.partner, _table(mine, f"{bank.code}-loan")))
    return made


def _stolen_loans(country: Drawn, claim: Claim) -> list[tuple[int, int, Row]]:
    """(lender, account, application): one granted to the victim's own account; where nobody
    controls the victim's device, others refuse to pay straight to a drop before (REQ-30)."""
    if not {"30", "31"} & set(claim.methods):
        return []
    accounts, device = country.population.accounts, f"r{claim.ring:04d}"
    at_us, own = claim.at_us - (20 + claim.number % 10) * MINUTE, int(accounts.bank[claim.payer])
    if "31" in claim.methods:  # on the victim's own device
        device = device_of(country, claim.person)
    asked = {"at_us": at_us, "amount": claim.amount, "device": device, "decision": "granted"}
    rows: list[tuple[int, int, Row]] = [(own, claim.payer, asked)]
    if "30" in claim.methods:
        drop = country.plan.stages[claim.first_stage].account
        holder = accounts.holder[claim.payer].as_py()
        for i in (1, 2):
            told = {"at_us": at_us - i * 6 * MINUTE, "decision": "refused", "applicant": holder}
            rows.append(((own + i) % len(BANKS), drop, {**asked, **told}))
    return rows


def _listings(generator: np.random.Generator, country: Drawn) -> pa.Table:
    """Honest ads, and each ring's one car in many cities from one address (REQ-64)."""
    phone = country.population.people.phone
    n = max(60, country.size.people // 25)
    at, price = moments(generator, n), sums(generator, n, 60_000, 1.2, 500)
    goods = ("Велосипед", "Диван", "Смартфон", "Кір жуғыш машина", "Балалар арбасы")
    rows: list[Row] = [
        {
            "at_us": int(at[i]), "seller": phone[i * 7].as_py(),
            "ip": f"10.77.{i % 250}.{1 + i % 200}", "category": "goods",
            "title": goods[i % 5], "text": f"{goods[i % 5]}, жақсы күйде. Торг уместен, № {i}.",
            "city": CITIES[i % len(CITIES)], "price": int(price[i]), "currency": "KZT",
        }
        for i in range(n)
    ]  # fmt: skip
    for ring in country.plan.rings:
        start = FIRST_US + (5 + ring.number % 20) * DAY + 11 * HOUR
        rows += [
            {
                "at_us": start + i * 7 * MINUTE, "seller": f"+99655{5_100_000 + ring.number:07d}",
                "ip": f"198.51.100.{1 + ring.number % 250}", "category": "cars",
                "title": "Toyota Camry 2019", "text": "Срочно продам, торг. Задаток на счёт.",
                "city": city, "price": 480_000_000, "currency": "KZT",
            }
            for i, city in enumerate(CITIES[:5])
        ]  # fmt: skip
    return _table(rows, "listing")


def _sightings(country: Drawn) -> pa.Table:
    """Recruiting channels, phishing links and drops' accounts that volunteers saw."""
    rows: list[Row] = []
    for ring in country.plan.rings:
        first = FIRST_US + (3 + ring.number % 15) * DAY + 12 * HOUR
        drop = country.population.accounts.text[ring.drops[0]].as_py()
        for i, (kind, subject, note) in enumerate(
            (
                ("channel", ring.channel, "Курьер жұмысы, күніне 50 мың. Карта керек."),
                (
                    "url",
                    f"https://bazarda-tolem{ring.number}.example.com/pay",
                    "«Сатып алушы» жіберген сілтеме",
                ),
                ("host", f"bazarda-tolem{ring.number}.example.com", None),
                ("account", drop, "Просили перевести сюда задаток"),
                ("phone", f"+99655{5_100_000 + ring.number:07d}", None),
            )
        ):
            rows.append(
                {
                    "at_us": first + i * HOUR, "subject_kind": kind, "subject": subject,
                    "channel": "telegram", "note": note,
                }
            )  # fmt: skip
    return _table(rows, "sighting")
