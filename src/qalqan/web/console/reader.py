"""Who reads a page: the language, the moment, and everybody's name in that language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from babel import Locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import codes
from qalqan.cases.order_book import MACHINE
from qalqan.register import orm
from qalqan.register.rights import COUNTRY
from qalqan.text import show
from qalqan.text.catalogue import say


@dataclass(frozen=True)
class Reader:
    """One page's reader; `now_us` is the same moment for everything on the page."""

    language: str
    now_us: int
    banks: Mapping[str, str]
    """Bank code → name."""
    partners: Mapping[str, str]
    """Partner code → name."""

    def say(self, key: str, **values: object) -> str:
        """A sentence of the catalogue."""
        return say(key, self.language, **values)

    def money(self, minor: int, currency: str) -> str:
        """Minor units as a person writes them."""
        return show.money(minor, currency, self.language)

    def when(self, us: int, style: show.Style = "minute") -> str:
        """A moment in Almaty."""
        return show.when(us, self.language, style)

    def duration(self, us: int) -> str:
        """A span of time."""
        return show.duration(us, self.language)

    def between(self, least: int, most: int, currency: str) -> str:
        """A sum, or a range of sums where the rules differ."""
        if least == most:
            return self.money(least, currency)
        return self.say(
            "console.range", least=self.money(least, currency), most=self.money(most, currency)
        )

    def bank(self, code: str | None) -> str:
        """A bank's name, or its code if it takes no part."""
        return self.banks.get(code or "", code or "–")

    def region(self, code: str) -> str:
        """A region's name, the country's, or its code if the table lacks it."""
        if code == COUNTRY:
            return self.country(code)
        return codes.regions().get(code, {}).get(self.language, code)

    def country(self, code: str) -> str:
        """A country's name, or its code if there is none."""
        return str(Locale.parse(self.language).territories.get(code, code))

    def method(self, code: str, version: str) -> str:
        """A method's name in that version of the code book."""
        return codes.code_book_of(version).methods[code][self.language]

    def cause(self, code: str, version: str) -> str:
        """A cause's name in that version of the code book."""
        return codes.code_book_of(version).causes[code][self.language]

    def actor(self, actor: str) -> str:
        """Who did something: an officer's login, a partner, a policy, the machine."""
        kind, _, name = actor.partition(":")
        if kind == "policy":
            return self.say("console.actor.policy", name=name)
        if kind == "partner":
            return self.partners.get(name, name)
        return self.say("console.actor.machine") if actor == MACHINE else actor


def reader_of(session: Session, language: str) -> Reader:
    """The reader of a page in `language` that is made now."""
    table = orm.Partner
    partners = session.execute(select(table.code, table.bank_code, table.names)).all()
    return Reader(
        language,
        clock.now_us(),
        {bank: names[language] for _, bank, names in partners if bank},
        {code: names[language] for code, _, names in partners},
    )
