"""Answers to recalls: camt.029 read into what our orders may be answered, and written (REQ-44).

Which order is answered stands in `OrgnlGrpCxlId` (the recall's `Assgnmt/Id`), in `OrgnlMsgId`
beside the name of a camt.056, or before the slash of a `CxlStsId`. A status is taken for what it
says of the money: accepted is held or returned, in part where `RsltnRltdInf` names a lesser sum;
a rejection whose reason says that nothing is there is `gone`, any other a refusal with its reason;
pending is no answer, only a sign that the order has come.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from qalqan.errors import InputRejected
from qalqan.exchange import sums, times
from qalqan.exchange.iso20022 import building, codes
from qalqan.exchange.iso20022.building import Tree
from qalqan.exchange.iso20022.fields import Fields
from qalqan.exchange.iso20022.records import ZONE
from qalqan.exchange.iso20022.stream import Kind, elements
from qalqan.model.money import MINOR_DIGITS

ANSWERS = Kind("camt.029", 8, 14)
MESSAGE = "camt.029.001.14"
RECALL = "camt.056"

_ROOT = "RsltnOfInvstgtn"
_LONGEST_REASON = 400
_CONFIRMED = {"CNCL": "ACCR", "PECR": "ACCR", "PDCR": "PDCR", "RJCR": "RJCR"}

_HEAD = Fields(
    {
        "created": "Assgnmt/CreDtTm",
        "case": "(RslvdCase/Id|CxlDtls/OrgnlGrpInfAndSts/RslvdCase/Id)[1]",
        "conf": "Sts/Conf",
        "group": "CxlDtls/OrgnlGrpInfAndSts/OrgnlGrpCxlId",
        "message": "CxlDtls/OrgnlGrpInfAndSts/OrgnlMsgId",
        "message_name": "CxlDtls/OrgnlGrpInfAndSts/OrgnlMsgNmId",
        "status": "CxlDtls/OrgnlGrpInfAndSts/GrpCxlSts",
    }
)
_TRANSACTION = Fields(
    {
        "id": "CxlStsId",
        "case": "RslvdCase/Id",
        "message": "OrgnlGrpInf/OrgnlMsgId",
        "message_name": "OrgnlGrpInf/OrgnlMsgNmId",
        "status": "TxCxlSts",
        "reason": "CxlStsRsnInf/Rsn/Cd",
        "own_reason": "CxlStsRsnInf/Rsn/Prtry",
        "told": "CxlStsRsnInf/AddtlInf",
        "amount": "RsltnRltdInf/IntrBkSttlmAmt",
        "currency": "RsltnRltdInf/IntrBkSttlmAmt/@Ccy",
        "tx": "RsltnRltdInf/TxId",
        "end_to_end_id": "RsltnRltdInf/EndToEndId",
        "uetr": "RsltnRltdInf/UETR",
    }
)


@dataclass(frozen=True)
class Status:
    """What became of one recalled payment; `status` is ACCR, RJCR or PDCR, the sum minor units."""

    status: str
    reason: str = ""
    told: str = ""
    amount: int | None = None
    currency: str | None = None
    payment: str = ""
    """The bank's number of the payment that gives the money back."""
    end_to_end_id: str = ""
    uetr: str = ""


@dataclass(frozen=True)
class Resolution:
    """What one message answers to one order; no order's number if it names none."""

    order: str
    case: str
    at_us: int
    statuses: tuple[Status, ...]

    @property
    def is_pending(self) -> bool:
        """Whether the bank still looks into a payment, and has accepted none: that another is
        rejected tells nothing of the whole yet."""
        said = {one.status for one in self.statuses}
        return "PDCR" in said and "ACCR" not in said


def read(data: bytes) -> list[Resolution]:
    """The answers of a message, one for each order.

    Raises:
        InputRejected: as `stream.elements`; an unknown code, a sum or time that is none.
    """
    found: dict[str, Resolution] = {}
    for met in elements(io.BytesIO(data), (ANSWERS,), (_ROOT,)):
        if not met.is_whole:
            continue
        namespace = met.message.namespace
        head = _HEAD.of(met.element, namespace)
        at_us = times.micros_of(head["created"], "iso", ZoneInfo(ZONE))
        if at_us is None:
            raise InputRejected("Assgnmt/CreDtTm", head["created"], "iso.time")
        of_each = met.element.iterfind(f"{{{namespace}}}CxlDtls/{{{namespace}}}TxInfAndSts")
        told = [_TRANSACTION.of(one, namespace) for one in of_each]
        for one in told or [dict.fromkeys(_TRANSACTION.names, "")]:
            order = _order(head, one)
            before = found.get(order, Resolution(order, one["case"] or head["case"], at_us, ()))
            statuses = (*before.statuses, _status(head, one))
            found[order] = Resolution(order, before.case, at_us, statuses)
    if not found:
        raise InputRejected(_ROOT, "", "iso.element", element=_ROOT)
    return list(found.values())


def _order(head: dict[str, str], one: dict[str, str]) -> str:
    """The number of the order that is answered."""
    for of in (one, head):
        if of["message"] and of["message_name"].startswith(RECALL):
            return of["message"]
    return head["group"] or one["id"].partition("/")[0]


def _status(head: dict[str, str], one: dict[str, str]) -> Status:
    at = "CxlDtls/TxInfAndSts"
    status = one["status"] or head["status"]
    if status == "PACR":  # of a group: what each of its payments is, they say themselves
        status = "ACCR"
    if not status:
        conf = codes.checked("execution_confirmation", head["conf"], "Sts/Conf")
        status = _CONFIRMED[conf]
    codes.checked("cancellation_status", status, f"{at}/TxCxlSts")
    if one["reason"]:
        codes.checked("cancellation_rejection", one["reason"], f"{at}/CxlStsRsnInf/Rsn/Cd")
    return Status(
        status,
        one["reason"] or one["own_reason"],
        one["told"],
        _amount(one, f"{at}/RsltnRltdInf/IntrBkSttlmAmt"),
        one["currency"] or None,
        one["tx"] or one["uetr"] or one["end_to_end_id"],
        one["end_to_end_id"],
        one["uetr"],
    )


def _amount(one: dict[str, str], at: str) -> int | None:
    if not one["amount"]:
        return None
    digits = MINOR_DIGITS.get(one["currency"], 2)
    minor = sums.exact(one["amount"], digits)
    if minor is None or minor < 0:
        currency = one["currency"] or "—"
        raise InputRejected(at, one["amount"], "iso.amount", currency=currency, digits=digits)
    return minor


def is_gone(statuses: Sequence[Status]) -> bool:
    """Whether each of these rejections says that no money is there."""
    return bool(statuses) and all(codes.is_gone(one.reason) for one in statuses)


def reason_of(statuses: Sequence[Status]) -> str:
    """Why, as the bank says it: codes and words."""
    said = dict.fromkeys(f"{one.reason} {one.told}".strip() for one in statuses)
    return "; ".join(one for one in said if one)[:_LONGEST_REASON]


def write(resolution: Resolution, bank: str, number: str) -> bytes:
    """An answer as a bank sends it; `number` is the bank's own of the message."""
    accepted = {one.status for one in resolution.statuses}
    conf = "RJCR" if accepted == {"RJCR"} else "PDCR" if accepted == {"PDCR"} else "CNCL"
    conf = "PECR" if len(accepted) > 1 else conf
    answered: list[Tree | None] = [
        ("OrgnlGrpInfAndSts", [
            ("OrgnlGrpCxlId", resolution.order),
            ("OrgnlMsgId", resolution.order),
            ("OrgnlMsgNmId", f"{RECALL}.001.12"),
        ]),
        *(_answered(one) for one in resolution.statuses),
    ]  # fmt: skip
    body: Tree = (
        _ROOT,
        [
            ("Assgnmt", [
                ("Id", number),
                ("Assgnr", [("Agt", [building.institution(bank)])]),
                building.party("Assgne", building.CENTRE),
                ("CreDtTm", building.moment(resolution.at_us)),
            ]),
            building.case("RslvdCase", resolution.case),
            ("Sts", [("Conf", codes.checked("execution_confirmation", conf, "Sts/Conf"))]),
            ("CxlDtls", answered),
        ],
    )  # fmt: skip
    return building.document(MESSAGE, body)


def _answered(one: Status) -> Tree:
    at = "CxlDtls/TxInfAndSts/TxCxlSts"
    reason: Tree | None = None
    if one.reason:
        code = codes.checked("cancellation_rejection", one.reason, at)
        reason = (
            "CxlStsRsnInf",
            [("Rsn", [("Cd", code)]), building.text("AddtlInf", one.told, 105)],
        )
    paid: Tree | None = None
    if one.amount is not None:
        paid = ("RsltnRltdInf", [
            building.text("EndToEndId", one.end_to_end_id),
            building.text("TxId", one.payment),
            building.text("UETR", one.uetr, 36),
            building.amount("IntrBkSttlmAmt", one.amount, one.currency or "KZT"),
        ])  # fmt: skip
    status = codes.checked("cancellation_status", one.status, at)
    return ("TxInfAndSts", [("TxCxlSts", status), reason, paid])
