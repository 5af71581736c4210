"""A small bank and a hotline for the first hour; the bank's books are `payments.csv` beside it.

`python my_bank.py report` tells the centre, as a hotline would, of a victim who paid line 1.
`python my_bank.py answer` answers every order that waits for the bank.
Tokens come from the environment: `HOTLINE` and `MY_BANK`; the address from `CENTRE`.
"""

import csv
import os
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import bank

ALMATY = timezone(timedelta(hours=5))
SIDES = {"Д": "payer", "К": "payee", "В": "both"}
KINDS = {"Перевод": "transfer", "Снятие": "cash_out"}


def now():
    """UTC microseconds of this moment."""
    return time.time_ns() // 1000


def microseconds(text):
    """A moment of the books, as the centre counts time."""
    moment = datetime.strptime(text, "%d.%m.%Y %H:%M:%S").replace(tzinfo=ALMATY)
    return int(moment.timestamp()) * 1_000_000


def lines():
    """The payments of the books, as `my-bank.toml` told them to the centre."""
    text = (Path(__file__).parent / "payments.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines(), delimiter=";"):
        told = {
            "id": row["Номер"],
            "at_us": microseconds(row["Дата"]),
            "side": SIDES[row["Д/К"]],
            "payer_account": row["Плательщик"],
            "payee_account": row["Получатель"],
            "payee_country": row["Страна"],
            "amount": int(row["Сумма"].replace(" ", "").replace(",", "")),
            "currency": "KZT",
            "instrument": KINDS[row["Вид"]],
            "purpose": row["Назначение"],
        }
        yield {name: value for name, value in told.items() if value != ""}


class Books:
    """What a bank's own system knows and does; this one forgets when the program ends."""

    def of(self, account):
        """Payments into and out of one account."""
        return [
            each
            for each in lines()
            if account in (each["payer_account"], each.get("payee_account"))
        ]

    def change(self, account, line):
        """What a payment did to the balance, tiyn."""
        return line["amount"] if line.get("payee_account") == account else -line["amount"]

    def payment(self, payer, amount, payee, from_us, to_us):
        """The payment that a victim speaks of, or None."""
        for line in self.of(payer):
            meant = line["amount"] == amount and payee in (None, line.get("payee_account"))
            if meant and from_us <= line["at_us"] <= to_us:
                return line
        return None

    def hold(self, account, amount, until_us, prolongs):
        """Keep a sum from leaving; tells how much of it is there."""
        return min(amount, sum(self.change(account, line) for line in self.of(account)))

    def payments_out(self, account):
        """Where the rest went."""
        return [line for line in self.of(account) if line["payer_account"] == account]

    def statement(self, account, from_us, to_us):
        """Everything since a moment, with the balances around it."""
        before = [line for line in self.of(account) if line["at_us"] < from_us]
        since = [line for line in self.of(account) if line["at_us"] >= from_us]
        opening = sum(self.change(account, line) for line in before)
        now_us = now()
        return {
            "id": f"{account}-{now_us}",
            "account": account,
            "from_us": from_us,
            "to_us": now_us,
            "opening": opening,
            "closing": opening + sum(self.change(account, line) for line in since),
            "lines": since,
        }

    def release(self, hold, amount):
        """Let a part of a hold go."""
        return amount

    def pay_back(self, hold, account, amount, victim):
        """Pay out of a hold to the victim; the line of that payment."""
        now_us = now()
        return {
            "id": f"return-{hold}-{now_us}",
            "at_us": now_us,
            "side": "both",
            "payer_account": account,
            "payee_account": victim,
            "amount": amount,
            "currency": "KZT",
            "instrument": "return",
        }


def report(centre):
    """A victim of line 1 calls the hotline."""
    paid, now_us = next(lines()), now()
    body = {
        "methods": ["27"],
        "region": "KZ-75",
        "language": "kk",
        "victim_iin": "900101300017",
        "words": "Хабарландыру бойынша диванға алдын ала төледім, сатушы жауап бермейді.",
        "payer_account": paid["payer_account"],
        "payee_account": paid["payee_account"],
        "amount": paid["amount"],
        "crime_us": paid["at_us"],
        "discovered_us": now_us,
        "reported_us": now_us,
    }
    told = centre.post("/v1/reports", json=body, headers={"Idempotency-Key": "first-hour"})
    return told.raise_for_status().json()


def answer_all(centre, books):
    """Answer what waits, holds before statements; one line of text for each."""
    orders = sorted(
        bank.fetched(centre, bank.key_of(centre), "my-bank"),
        key=lambda order: order["kind"] == "statement",
    )
    for order in orders:
        said = bank.answer_to(order, books)
        bank.answer(centre, order, said)
        yield f"{order['order']} {order['kind']}: {said['outcome']}"


if __name__ == "__main__":
    address = os.environ.get("CENTRE", "http://127.0.0.1:8017")
    if sys.argv[1:] == ["report"]:
        print(report(bank.connect(address, os.environ["HOTLINE"])))
    else:
        for told in answer_all(bank.connect(address, os.environ["MY_BANK"]), Books()):
            print(told)
