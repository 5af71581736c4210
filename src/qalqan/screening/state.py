"""The state of the payment and loan screens: it turns a question into the row that rules look at.

Facts teach it (`work.screens.feed`), questions leave only short traces: a payment that was stopped
must not make its payee known to the payer. Everything is bounded: by the windows of the policy,
by a memory of weeks, and by what `windows.MOST` lets one key keep.
"""

from __future__ import annotations

import math
from typing import Any

from qalqan.clock import HOUR
from qalqan.screening.asked import LoanAsked, PaymentAsked
from qalqan.screening.listed import Listed
from qalqan.screening.loans import LoanSeen
from qalqan.screening.memory import key_of, pair_of
from qalqan.screening.payments import PaymentSeen
from qalqan.screening.remembered import Part, Recent, Remembered, Screens, Share, payer_key

BORROWERS_OWN_REFUSAL = "kz.credit.refusal"
"""Legal ground of a voluntary refusal of credit."""


class State:
    """Everything one owner knows."""

    def __init__(self, screens: Screens, share: Share | None = None) -> None:
        self.screens = screens
        self.share = share or Share()
        self.remembered = Remembered()
        self.recent = Recent(screens)
        self.listed = Listed()

    def adopt(self, screens: Screens) -> bool:
        """Take new thresholds; true if windows changed their lengths and are empty now."""
        self.screens = screens
        fresh = Recent(screens)
        if fresh.lengths_us() == self.recent.lengths_us():
            return False
        self.recent = fresh
        return True

    def payment(
        self, asked: PaymentAsked, now_us: int, payers: tuple[int, int] | None = None
    ) -> PaymentSeen:
        """What is known about a payment, and a short trace of it. `payers` is what the payee's
        owner knows, where that is another one."""
        payer = key_of(asked.payer_account)
        payee = key_of(asked.payee_account) if asked.payee_account else None
        new_payee = payee is not None and self._is_new(payer, payee, now_us)
        self.note_payment(asked, now_us)
        return PaymentSeen(
            amount=asked.amount,
            currency=asked.currency,
            instrument=asked.instrument,
            abroad=asked.abroad,
            balance=asked.balance,
            new_payee=new_payee,
            new_device=self._new_device(asked.device, (asked.payer_account, asked.payer_holder)),
            **self._on_lists(asked, now_us),
            **self._habits(asked, payee, now_us, payers),
            **self._parts(asked, payer, payee, new_payee, now_us),
            **self._hour_before(asked, payer, now_us),
        )

    def loan(self, asked: LoanAsked, now_us: int) -> LoanSeen:
        """What is known about an application, and a short trace of it."""
        self.note_application(asked, now_us)
        applied = list(self.recent.applications.lately(key_of(asked.applicant), now_us))
        payout = (asked.payout_account, asked.payout_holder)
        found = self.listed.strongest(payout)
        return LoanSeen(
            amount=asked.amount,
            currency=asked.currency,
            applications=len(applied),
            lenders=len({lender for *_, lender in applied}),
            new_device=self._new_device(asked.device, (asked.applicant,)),
            remote_ago_us=self._remote(asked.remote_access, (asked.applicant,), now_us),
            payout_to_other=self._to_other(asked),
            payout_listed=self.listed.ground_of(payout, now_us),
            payout_score=found.score if found else 0.0,
            payout_detector=found.detector if found else None,
            refusal=BORROWERS_OWN_REFUSAL if asked.refusal_registered else None,
        )

    def note(self, asked: PaymentAsked | LoanAsked, at_us: int, now_us: int) -> None:
        """The trace of a question that was asked at `at_us`."""
        asked = asked._replace(at_us=min(asked.at_us, at_us))
        if isinstance(asked, PaymentAsked):
            self.note_payment(asked, now_us)
        else:
            self.note_application(asked, now_us)

    def note_payment(self, asked: PaymentAsked, now_us: int) -> None:
        """The trace that a payment leaves in the windows; also when a journal is read again."""
        payer = key_of(asked.payer_account)
        payee = key_of(asked.payee_account) if asked.payee_account else None
        at_us = min(asked.at_us, now_us)
        if payee is not None and self.share.has(payee):
            self.recent.payers.put(payee, payer, at_us, None, now_us)
        if payee is not None and self.share.has(payer):
            entry = pair_of(key_of(asked.source), key_of(asked.id))
            part = Part(asked.amount, asked.currency, payee)
            self.recent.parts.put(payer, entry, at_us, part, now_us)

    def note_application(self, asked: LoanAsked, now_us: int) -> None:
        """The trace that an application leaves: the same sum at the same lender is one."""
        lender = key_of(asked.source)
        entry = pair_of(lender, asked.amount)
        at_us = min(asked.at_us, now_us)
        self.recent.applications.put(key_of(asked.applicant), entry, at_us, lender, now_us)

    def _on_lists(self, asked: PaymentAsked, now_us: int) -> dict[str, Any]:
        """What people's decisions and detectors say of both ends."""
        listed, account = self.listed, asked.payee_account
        on_payee = listed.strongest((account, asked.payee_holder))
        on_payer = listed.strongest((asked.payer_account, asked.payer_holder))
        payee_held = listed.held(account, now_us) if account else ()
        all_held = listed.held(asked.payer_account, now_us)
        held = [one for one in all_held if one.currency == asked.currency]
        is_direct = bool(payee_held) and account in listed.victims_payees
        return {
            "payee_listed": listed.ground_of((account, asked.payee_holder), now_us),
            "payee_ground": payee_held[0].ground if is_direct else None,
            "payee_followed": bool(payee_held) or account in listed.followed,
            "payer_held": sum(one.amount for one in held),
            "payer_ground": held[0].ground if held else None,
            "payee_score": on_payee.score if on_payee else 0.0,
            "payee_detector": on_payee.detector if on_payee else None,
            "payer_score": on_payer.score if on_payer else 0.0,
            "payer_detector": on_payer.detector if on_payer else None,
        }

    def payers(self, payee: int, payer: int, at_us: int, now_us: int) -> tuple[int, int]:
        """Who pays a payee: lately, this payer included, and all that are remembered."""
        self.recent.payers.put(payee, payer, min(at_us, now_us), None, now_us)
        lately = self.recent.payers.count(payee, now_us)
        known = self.remembered.payees.get(payee)
        return lately, max(lately, known[0] if known else 0)

    def _habits(
        self, asked: PaymentAsked, payee: int | None, now_us: int, payers: tuple[int, int] | None
    ) -> dict[str, Any]:
        """What the payer usually pays, and who pays the payee."""
        row = self.remembered.payers.get(payer_key(asked.payer_account, asked.currency))
        history, usual = (row[0], round(math.exp(row[1] / row[0]))) if row else (0, 0)
        if payers is None and payee is not None:
            payer = key_of(asked.payer_account)
            payers = self.payers(payee, payer, asked.at_us, now_us)
        lately, known = payers or (0, 0)
        return {
            "history": history, "usual": usual, "payers_lately": lately, "payers_known": known,
        }  # fmt: skip

    def _parts(
        self, asked: PaymentAsked, payer: int, payee: int | None, new: bool, now_us: int
    ) -> dict[str, Any]:
        """His payments to new payees within the window: how many, and their sum."""
        count = total = 0
        for _, _, part in self.recent.parts.lately(payer, now_us) if new else ():
            same = part.currency == asked.currency
            if same and (part.payee == payee or self._is_new(payer, part.payee, now_us)):
                count, total = count + 1, total + part.amount
        return {"split_count": max(count, 1), "split_sum": max(total, asked.amount)}

    def _hour_before(self, asked: PaymentAsked, payer: int, now_us: int) -> dict[str, Any]:
        """What happened to the payer just before."""
        whose = (asked.payer_account, asked.payer_holder)
        keys = [payer, *([key_of(asked.payer_holder)] if asked.payer_holder else [])]
        lent = [self.recent.loans.newest(one, now_us) for one in keys]
        loan = max((one for one in lent if one is not None), default=None)
        return {
            "remote_ago_us": self._remote(asked.remote_access, whose, now_us),
            "call_ago_us": self._call(asked, now_us),
            "loan_ago_us": None if loan is None else max(0, now_us - loan[0]),
            "loan_amount": 0 if loan is None else loan[1],
        }

    def _is_new(self, payer: int, payee: int, now_us: int) -> bool:
        pair = self.remembered.pairs.get(pair_of(payer, payee))
        known_after_us = self.screens.payments.known_after_us
        return pair is None or (pair[0] + 1) * HOUR > now_us - known_after_us

    def _remote(self, now: bool | None, whose: tuple[str | None, ...], now_us: int) -> int | None:
        if now:
            return 0
        seen = [self.recent.remote.newest(key_of(one), now_us) for one in whose if one]
        times = [one[0] for one in seen if one is not None]
        return max(0, now_us - max(times)) if times else None

    def _call(self, asked: PaymentAsked, now_us: int) -> int | None:
        """Since a listed or found number called him; a talk that runs now counts by itself."""
        if asked.on_call:
            return 0
        if asked.payer_phone is None:
            return None
        times = [
            at_us
            for _, at_us, caller in self.recent.calls.lately(key_of(asked.payer_phone), now_us)
            if self.listed.is_suspect(caller, now_us)
        ]
        return max(0, now_us - max(times)) if times else None

    def _new_device(self, device: str | None, whose: tuple[str | None, ...]) -> bool | None:
        """None where no device was told or nobody's device is known."""
        owners = [key_of(one) for one in whose if one] if device is not None else []
        if device is None or all(self.remembered.owners.get(one) is None for one in owners):
            return None
        mark = key_of(device)
        return all(self.remembered.devices.get(pair_of(one, mark)) is None for one in owners)

    def _to_other(self, asked: LoanAsked) -> bool | None:
        if asked.payout_holder is not None:
            return asked.payout_holder != asked.applicant
        if asked.payout_account is None:
            return None
        held = self.remembered.holders.get(key_of(asked.payout_account))
        return None if held is None else bool(held[0] != key_of(asked.applicant))
