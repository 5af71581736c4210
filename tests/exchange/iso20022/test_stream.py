"""What nobody should send and somebody will: refused clearly, in bounded memory (REQ-19)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

import pytest

from exchange.iso20022.samples import OWN, camt053, entry, pacs008, statement, transfer
from qalqan.errors import InputRejected
from qalqan.exchange.iso20022 import payments, statements
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.refusal import refusal

Spoil = Callable[[bytes], bytes]
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def refused(xml: bytes | BinaryIO) -> InputRejected:
    source = io.BytesIO(xml) if isinstance(xml, bytes) else xml
    with pytest.raises(InputRejected) as error:
        list(payments.read(source, ["125"]))
    for language in LANGUAGES:
        assert len(refusal(error.value, language)) < 500
    return error.value


def with_doctype(subset: str, used: str = "") -> Spoil:
    def spoil(xml: bytes) -> bytes:
        begun = xml.replace(HEAD, HEAD + f"<!DOCTYPE Document [{subset}]>".encode())
        return begun.replace(b"for  goods", f"&{used};".encode() if used else b"for goods")

    return spoil


BOMB = "".join(f'<!ENTITY b{n} "{"".join(f"&b{n - 1};" * 10)}">' for n in range(1, 20))


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (with_doctype('<!ENTITY b0 "bomb">' + BOMB, "b19"), "iso.doctype"),
        (with_doctype('<!ENTITY f SYSTEM "file:///etc/passwd">', "f"), "iso.doctype"),
        (with_doctype('<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;'), "iso.doctype"),
        (lambda xml: with_doctype('<!ENTITY e "x">', "e")(xml).decode().encode("utf-16"),
         "iso.doctype"),
        (lambda xml: xml.replace(b"for  goods", b"&nothing;"), "iso.xml"),
        (lambda xml: xml.replace(b"<RmtInf>", b"<RmtInf>" + b"<A>" * 300 + b"</A>" * 300),
         "iso.limits"),
        (lambda xml: xml.replace(b"for  goods", b"x" * (11 << 20)), "iso.limits"),
        (lambda xml: xml.replace(b"<RmtInf>", b"<RmtInf>" + b"<A>xxxxxxxxxxxx</A>" * (1 << 20)),
         "iso.record"),
        (lambda xml: xml[: len(xml) // 2], "iso.xml"),
        (lambda xml: xml + b"<More/>", "iso.xml"),
        (lambda xml: xml.replace(b"</RmtInf>", b""), "iso.xml"),
        (lambda xml: xml.replace(b"for  goods", b"\xff\xfe\x00"), "iso.xml"),
        (lambda xml: xml.replace(b"pacs.008.001.08", b"pacs.008.001.99"), "iso.message"),
        (lambda xml: xml.replace(b"urn:iso:std:iso", b"urn:not:std:iso"), "iso.message"),
        (lambda xml: xml.replace(b' xmlns="', b' xmlns:x="'), "iso.message"),
        (lambda xml: b"<html><body>Bad Gateway</body></html>", "iso.message"),
        (lambda xml: b"", "iso.xml"),
        (lambda xml: b"id,at_us\n1,2\n", "iso.xml"),
        (lambda xml: b"PK\x03\x04" + bytes(1000), "iso.xml"),
    ],
)  # fmt: skip
def test_hostile_messages_are_refused(spoil: Spoil, expected: str) -> None:
    error = refused(spoil(pacs008(transfer())))
    assert error.expected == expected


def test_what_stood_before_a_torn_place_is_handed_on() -> None:
    xml = pacs008(*[transfer()] * 3)
    cut = xml.rindex(b"<CdtTrfTxInf>") + 100
    read = payments.read(_Batches(xml[:cut]), ["125"])
    with pytest.raises(InputRejected) as error:
        list(read)
    assert error.value.params["line"] == 2


class _Batches(io.BytesIO):
    """A file that comes in small pieces, as from a slow disk."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 700))


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16"),
        lambda text: text.replace("UTF-8", "windows-1251").encode("cp1251"),
    ],
)
def test_encodings_of_xml_are_read(encode: Callable[[str], bytes]) -> None:
    remittance = "<RmtInf><Ustrd>за товар №5</Ustrd></RmtInf>"
    xml = encode(pacs008(transfer(remittance=remittance)).decode())
    (found,) = payments.read(io.BytesIO(xml), ["125"])
    assert found.table["purpose"].to_pylist() == ["за товар №5"]


def test_comments_and_instructions_change_nothing() -> None:
    plain = pacs008(transfer())
    noisy = plain.replace(b"<GrpHdr>", b"<!-- hello --><?do it?><GrpHdr>").replace(
        b"<IBAN>", b"<IBAN><!-- not me -->"
    )
    found, (wanted,) = list(payments.read(io.BytesIO(noisy))), payments.read(io.BytesIO(plain))
    assert found[0].table.equals(wanted.table)


def test_a_text_that_parts_the_fields_stays_where_it_is() -> None:
    remittance = "<RmtInf><Ustrd>a\ue0ffb</Ustrd></RmtInf>"
    (found,) = payments.read(io.BytesIO(pacs008(transfer(remittance=remittance))), ["125"])
    assert found.table["purpose"].to_pylist() == ["a\ue0ffb"]
    assert found.table["payer_account"].to_pylist() == [OWN]


def test_a_long_text_is_cut_and_left_to_the_intake() -> None:
    ids = f"<EndToEndId>{'x' * (1 << 20)}</EndToEndId><TxId>T</TxId>"
    (found,) = payments.read(io.BytesIO(pacs008(transfer(ids=ids))), ["125"])
    assert 35 < len(found.table["end_to_end_id"][0].as_py()) <= 1 << 16


class _Endless(io.RawIOBase):
    """A message of one repeated record, made while it is read."""

    def __init__(self, head: bytes, record: bytes, tail: bytes, times: int) -> None:
        self._parts = self._made(head, record, tail, times)

    @staticmethod
    def _made(head: bytes, record: bytes, tail: bytes, times: int) -> Iterator[bytes]:
        yield head
        for _ in range(times // 50):
            yield record * 50
        yield tail

    def read(self, size: int = -1) -> bytes:
        return next(self._parts, b"")


def test_memory_is_bounded_by_a_record_not_by_the_file() -> None:
    """Junk between the records, which nobody asked for, is forgotten too."""
    record = (transfer() + "<Junk>" + "<A>junk</A>" * 200 + "</Junk>").encode()
    xml = pacs008("@", count=0).split(b"@")
    held = []
    for times in (500, 4_000):
        source = _Endless(xml[0], record, xml[1], times)
        assert sum(one.read for one in payments.read(source)) == times + 1  # type: ignore[arg-type]
        held.append(_resident())
    assert held[1] - held[0] < 40 << 20


def _resident() -> int:
    """Bytes this process holds: libxml2's trees are outside of Python's own count."""
    with open("/proc/self/statm", encoding="ascii") as told:
        return int(told.read().split()[1]) * 4096


def test_a_statement_of_too_many_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST_LINES", 2)
    xml = camt053(statement(*[entry("1", "CRDT")] * 3))
    with pytest.raises(InputRejected) as error:
        list(statements.read(io.BytesIO(xml)))
    assert (error.value.field, error.value.expected) == ("Stmt[1]", "iso.lines")
