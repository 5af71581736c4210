"""An XML message as a stream of its records, in bounded memory, trusting nothing in it.

A bank's file may be a gigabyte, and may be a trap: entities that unfold to terabytes, a document
type that names a file of ours, elements nested without end, one element without end. What a
message never has (a document type) is refused before the parser sees it; everything else is
bounded: depth and length of a text by libxml2 (256 elements, 10 MB), what stands between two
records by `MOST_RECORD`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

from lxml import etree

from qalqan.errors import InputRejected

Element: TypeAlias = Any
"""An lxml element; lxml tells no types."""

MOST_RECORD = 16 << 20
"""Bytes of one record, and of what stands before the first: they are in memory at once."""

_PIECE = 1 << 16
_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3})\.001\.([0-9]{2})")
_DOCTYPE = re.compile(rb"<!\s*DOCTYPE", re.IGNORECASE)
_BEFORE = 64
_RESOURCE_LIMIT = etree.ErrorTypes.ERR_RESOURCE_LIMIT


@dataclass(frozen=True)
class Kind:
    """A message that a reader knows: its name, and the versions whose structure it has read."""

    name: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.name}.001.{self.first:02d}–{self.last:02d}"


@dataclass(frozen=True)
class Message:
    """Which message a file is: its name ("pacs.008"), version, namespace."""

    name: str
    version: int
    namespace: str


@dataclass(frozen=True)
class Met:
    """An element of the message that was asked for: where it begins, or whole."""

    message: Message
    tag: str
    is_whole: bool
    element: Element


def elements(source: BinaryIO, kinds: Sequence[Kind], tags: Sequence[str]) -> Iterator[Met]:
    """The elements of these tags, as they begin and as they end. Whoever is done with one calls
    `drop`, or the message gathers in memory until it is refused.

    Raises:
        InputRejected: no XML, none of these messages, or larger or deeper than any of them is.
            What stood before the place it names has been handed on.
    """
    wanted = [f"{{*}}{tag}" for tag in ("Document", *tags)]
    parser = _parser(wanted)
    message: Message | None = None
    waiting = 0
    for piece in _pieces(source):
        waiting += len(piece)
        for is_whole, element in _events(parser, piece):
            if message is None:
                message = _message(element, kinds)
            waiting = 0
            name = etree.QName(element)
            if name.namespace == message.namespace and name.localname != "Document":
                yield Met(message, name.localname, is_whole, element)
        if waiting > MOST_RECORD:
            raise InputRejected("file", "", "iso.record", most=MOST_RECORD >> 20)
    _end(parser, message, kinds)


def name_of(data: bytes, kinds: Sequence[Kind]) -> str:
    """Which of these messages it is: "camt.053". Raises `InputRejected` as `elements`."""
    for met in elements(io.BytesIO(data), kinds, ("*",)):
        return met.message.name
    raise _other("Document", kinds)


def _parser(tags: list[str]) -> Any:
    return etree.XMLPullParser(
        events=("start", "end"),
        tag=tags,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def drop(element: Element) -> None:
    """Forget an element that ended and all that stands before it beside it: of a long file only
    one record is in memory, whatever else it holds between its records."""
    element.clear(keep_tail=False)
    parent = element.getparent()
    while element.getprevious() is not None:
        del parent[0]


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    """The file's bytes, refused where a document type begins: in any encoding that XML has, it
    reads as ASCII without the zero bytes."""
    last = b""
    while piece := source.read(_PIECE):
        plain = (last + piece).replace(b"\0", b"")
        if _DOCTYPE.search(plain):
            raise InputRejected("file", "", "iso.doctype")
        last = plain[-_BEFORE:]
        yield piece


def _events(parser: Any, piece: bytes) -> Iterator[tuple[bool, Element]]:
    try:
        parser.feed(piece)
        for event, element in parser.read_events():
            yield event == "end", element
    except etree.XMLSyntaxError as error:
        raise _torn(error) from None


def _end(parser: Any, message: Message | None, kinds: Sequence[Kind]) -> None:
    try:
        root = parser.close()
    except etree.XMLSyntaxError as error:
        raise _torn(error) from None
    if message is None:
        raise _other(etree.QName(root).namespace or etree.QName(root).localname, kinds)


def _torn(error: etree.XMLSyntaxError) -> InputRejected:
    line, column = error.position
    if error.code == _RESOURCE_LIMIT:
        return InputRejected("file", "", "iso.limits", line=line, column=column)
    return InputRejected("file", "", "iso.xml", line=line, column=column)


def _message(document: Element, kinds: Sequence[Kind]) -> Message:
    if document.getroottree().docinfo.internalDTD is not None:
        raise InputRejected("file", "", "iso.doctype")
    name = etree.QName(document)
    found = _NAMESPACE.fullmatch(name.namespace or "")
    if found is None or name.localname != "Document":
        raise _other(name.namespace or name.localname, kinds)
    message = Message(found[1], int(found[2]), name.namespace)
    known = (k.first <= message.version <= k.last for k in kinds if k.name == message.name)
    if not any(known):
        raise _other(name.namespace, kinds)
    return message


def _other(found: str, kinds: Sequence[Kind]) -> InputRejected:
    return InputRejected("Document", found[:200], "iso.message", known=", ".join(map(str, kinds)))
