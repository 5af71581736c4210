"""May this payment go out now? (REQ-44, 66, 90.)

The payer's bank asks before it pays. Money is kept back by legal rules alone: people listed the
payee, the payer's own money is under a hold order, or a victim paid this very payee and an order
is out for it. All else that looks wrong earns a label or a biometric check (REQ-66), however sure
a score is. Only this sum is kept, for a time, and salaries and benefits always go through.

Thresholds are judgement where no source is named. How often they alarm in vain is not measured
yet, so which rules count, and which stand in shadow, is the policy's to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from qalqan.clock import DAY, HOUR
from qalqan.screening.verdict import Answer, Rule, Table

PROTECTED = frozenset({"salary", "benefit"})
"""Instruments that no rule stops: they stay payable (DESIGN section 7)."""
EXITS = frozenset({"crypto", "wallet", "cash_out"})
"""Instruments by which money leaves the banks (REQ-39)."""
CASH = "cash_out"
"""A withdrawal, which has no payee."""
MILLION = 1_000_000


@dataclass(frozen=True)
class PaymentParams:
    """Thresholds of the rules on payments; times in microseconds, shares in millionths."""

    known_after_us: int = DAY
    """A payee is known to a payer this long after the first payment between them: victims are
    made to pay a drop several times within hours, so an earlier one of today proves nothing."""
    remote_before_us: int = HOUR
    """A remote-access session still counts so long after it was last seen (REQ-31)."""
    call_before_us: int = HOUR
    """A call from a listed or found number counts so long (REQ-28)."""
    loan_before_us: int = HOUR
    """A payment so soon after a loan follows the second method of REQ-8: loan, then transfer."""
    loan_share: int = 500_000
    """… if it carries at least this share of the loan."""
    emptying_share: int = 800_000
    """From this share of the balance a payment empties the account; passing on 85 to 100 % is what
    anchors call a drop's habit, and a victim's "safe account" takes all there is."""
    times_usual: int = 5
    """A sum is unusual from so many times the payer's usual one (the geometric mean) …"""
    least_history: int = 5
    """… and nothing is usual before so many payments."""
    payers_window_us: int = 6 * HOUR
    """In "the last hours" payers of one payee are counted. MED 2.0's public examples follow
    money for 2 to 24 hours; a drop's account serves for hours."""
    least_payers: int = 10
    """So many different payers within it are many …"""
    payers_share: int = 500_000
    """… if they are at least this share of all who ever paid there: a shop's customers of one
    morning are few among those of a month."""
    split_window_us: int = HOUR
    least_split: int = 3
    """So many payments to new payees within an hour, unusual only together, are one sum in
    parts: limits on one payment are public knowledge."""
    label_score: float = 0.7
    challenge_score: float = 0.9
    """A finding labels a payment to its account from the first, asks for more from the second."""
    settled_payers: int = 100
    """A payee with so many payers of earlier days is a business: that a victim paid there once
    stops nobody else's payment."""


class PaymentSeen(NamedTuple):
    """All that is known about one payment at its moment."""

    amount: int
    """Minor units of `currency`."""
    currency: str
    instrument: str = "transfer"
    abroad: bool = False
    """The payee's bank is in another country."""
    balance: int | None = None
    """Of the payer's account before the payment, if the bank tells it."""
    payee_listed: str | None = None
    """Legal ground under which people listed the payee's account or its holder."""
    payee_ground: str | None = None
    """Legal ground of a hold that is out for an account which a victim paid directly."""
    payee_followed: bool = False
    """Money of a case is there, or an order is out for it."""
    payer_held: int = 0
    """Minor units under open holds at the payer's own account …"""
    payer_ground: str | None = None
    """… and their legal ground."""
    payee_score: float = 0.0
    payee_detector: str | None = None
    """The strongest live finding on the payee."""
    payer_score: float = 0.0
    payer_detector: str | None = None
    """The same on the payer."""
    new_payee: bool = True
    """This payer paid there for the first time less than `known_after_us` ago, or never."""
    history: int = 0
    """Payments of this payer that are remembered …"""
    usual: int = 0
    """… and their usual sum."""
    payers_lately: int = 0
    """Different payers of this payee within `payers_window_us`, this one included …"""
    payers_known: int = 0
    """… and all that are remembered."""
    remote_ago_us: int | None = None
    """Since a remote-access session of the payer was last seen; 0: it runs now."""
    call_ago_us: int | None = None
    """Since a listed or found number called him; 0: he is on the telephone now."""
    loan_ago_us: int | None = None
    """Since money was lent to him …"""
    loan_amount: int = 0
    """… and how much, minor units."""
    new_device: bool | None = None
    """None: no device was told, or none was known before."""
    split_count: int = 1
    """His payments to new payees within `split_window_us`, this one included …"""
    split_sum: int = 0
    """… and their sum, minor units of this currency."""


def _stops(s: PaymentSeen) -> bool:
    """Whether a rule may keep this payment back at all."""
    return s.instrument not in PROTECTED


def _unusual(amount: int, s: PaymentSeen, p: PaymentParams) -> bool:
    return s.history >= p.least_history and amount >= p.times_usual * s.usual


def _recent(ago_us: int | None, most_us: int) -> bool:
    return ago_us is not None and ago_us <= most_us


def _to_victims_payee(s: PaymentSeen, p: PaymentParams) -> bool:
    return s.payee_ground is not None and s.payers_known - s.payers_lately < p.settled_payers


def _takes_held(s: PaymentSeen, p: PaymentParams) -> bool:
    """What would be left is less than what must stay."""
    return s.payer_held > 0 and s.balance is not None and s.balance - s.amount < s.payer_held


def _is_away(s: PaymentSeen) -> bool:
    """To a payee that is new to the payer, or out as cash: REQ-66 asks for a check of both."""
    return s.new_payee or s.instrument == CASH


def _empties(s: PaymentSeen, p: PaymentParams) -> bool:
    if not s.new_payee or s.balance is None or s.balance <= 0:
        return False
    return s.amount * MILLION >= p.emptying_share * s.balance and _unusual(s.amount, s, p)


def _after_loan(s: PaymentSeen, p: PaymentParams) -> bool:
    recent = _is_away(s) and _recent(s.loan_ago_us, p.loan_before_us)
    return recent and s.amount * MILLION >= p.loan_share * s.loan_amount


def _many_payers(s: PaymentSeen, p: PaymentParams) -> bool:
    many = s.payers_lately >= p.least_payers
    return many and s.payers_lately * MILLION >= p.payers_share * s.payers_known


def _in_parts(s: PaymentSeen, p: PaymentParams) -> bool:
    parts = s.new_payee and s.split_count >= p.least_split
    return parts and _unusual(s.split_sum, s, p) and not _unusual(s.amount, s, p)


RULES: Table[PaymentSeen, PaymentParams] = Table(
    (
        Rule(
            "payments.payee_listed",
            Answer.HOLD,
            lambda s, p: s.payee_listed is not None and _stops(s),
            ("payee_listed", "instrument"),
            ground="payee_listed",
        ),
        Rule(
            "payments.victims_payee",
            Answer.HOLD,
            lambda s, p: _to_victims_payee(s, p) and _stops(s),
            ("payee_ground", "payers_known", "payers_lately", "instrument"),
            ground="payee_ground",
        ),
        Rule(
            "payments.takes_held_money",
            Answer.HOLD,
            lambda s, p: _takes_held(s, p) and _stops(s),
            ("payer_held", "balance", "amount", "instrument"),
            ground="payer_ground",
        ),
        Rule(
            "payments.payee_followed",
            Answer.CHALLENGE,
            lambda s, p: s.payee_followed and s.new_payee and _stops(s),
            ("payee_followed", "new_payee", "instrument"),
        ),
        Rule(
            "payments.remote_session",
            Answer.CHALLENGE,
            lambda s, p: _is_away(s) and _recent(s.remote_ago_us, p.remote_before_us),
            ("remote_ago_us", "new_payee", "instrument"),
        ),
        Rule(
            "payments.during_call",
            Answer.CHALLENGE,
            lambda s, p: _is_away(s) and _recent(s.call_ago_us, p.call_before_us),
            ("call_ago_us", "new_payee", "instrument"),
        ),
        Rule(
            "payments.after_loan",
            Answer.CHALLENGE,
            _after_loan,
            ("loan_ago_us", "loan_amount", "amount", "new_payee", "instrument"),
        ),
        Rule(
            "payments.empties_account",
            Answer.CHALLENGE,
            _empties,
            ("amount", "balance", "usual", "history", "new_payee"),
        ),
        Rule(
            "payments.in_parts",
            Answer.CHALLENGE,
            _in_parts,
            ("split_count", "split_sum", "amount", "usual", "history", "new_payee"),
        ),
        Rule(
            "payments.payee_found_strongly",
            Answer.CHALLENGE,
            lambda s, p: s.new_payee and s.payee_score >= p.challenge_score,
            ("payee_score", "payee_detector", "new_payee"),
        ),
        Rule(
            "payments.payee_found",
            Answer.LABEL,
            lambda s, p: p.label_score <= s.payee_score < p.challenge_score,
            ("payee_score", "payee_detector"),
        ),
        Rule(
            "payments.found_payer_exits",
            Answer.LABEL,
            lambda s, p: s.payer_score >= p.label_score and (s.abroad or s.instrument in EXITS),
            ("payer_score", "payer_detector", "abroad", "instrument"),
        ),
        Rule(
            "payments.many_payers",
            Answer.LABEL,
            _many_payers,
            ("payers_lately", "payers_known"),
        ),
        Rule(
            "payments.new_device",
            Answer.LABEL,
            lambda s, p: s.new_device is True and s.new_payee and _unusual(s.amount, s, p),
            ("new_device", "new_payee", "amount", "usual", "history"),
        ),
    )
)
"""The table, strongest first."""
