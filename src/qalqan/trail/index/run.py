"""A sorted run of facts: made of a batch or of smaller runs, and where an account's facts lie.

Facts stand by (payer, time); `in_row` lists them by (payee, time). Where an account's begin tells a
directory: an offset for every account if the run holds enough facts for that, else the accounts
of the run in order, with a sieve before them, since most runs know nothing of most accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from qalqan.trail.index.columns import NO_BALANCE, Columns, joined
from qalqan.trail.index.facts import SIDES
from qalqan.trail.index.hashes import NONE, Hashes, places_of
from qalqan.trail.index.runfile import Array, Mapped, Written

PIECE = 1_000_000
"""Facts that are sorted at once when runs are merged."""
DENSE = 4
"""A run with this many accounts in the index a fact, or fewer, has an offset for every account."""
SIEVE_BITS = 16
"""Bits a listed account; one question in 17 about an account the run does not know goes on."""

Kept = tuple[bool, bool, bool]

_PAYER, _BOTH = SIDES.index("payer"), SIDES.index("both")


class Tokens:
    """Account tokens that a run brought in: those of the numbers from `first` on."""

    def __init__(self, first: int, texts: pa.LargeStringArray, hashes: Hashes) -> None:
        self.first = first
        self.texts = texts
        self.hashes = hashes

    def write(self, out: Written) -> None:
        """Texts by number, and numbers by hash."""
        order = np.argsort(self.hashes[:, 0], kind="stable")
        out.whole("hash_high", self.hashes[order, 0])
        out.whole("hash_low", self.hashes[order, 1])
        out.whole("hashed", (order + self.first).astype(np.uint32))
        places, octets, _ = _octets(self.texts)
        out.whole("token_at", places)
        out.whole("tokens", octets)


def write(
    path: Path, pieces: Iterable[Columns], rows: int, id_bytes: int, kept: Kept,
    tokens: Tokens,
) -> dict[str, Any]:  # fmt: skip
    """Write a run of `rows` facts, given in order; pieces end between two payers. `kept` says
    whether any fact has a UETR, an EndToEndId, a balance. Returns its line of the manifest."""
    out = Written(path)
    try:
        told = _filled(out, pieces, rows, id_bytes, kept, tokens)
        size, crc = out.close(told)
    except BaseException:
        out.leave()
        raise
    return {**told, "size": size, "crc": crc, "name": path.name}


def _filled(
    out: Written, pieces: Iterable[Columns], rows: int, id_bytes: int, kept: Kept,
    tokens: Tokens,
) -> dict[str, Any]:  # fmt: skip
    out.reserve("words", np.int64, rows, 4)
    out.reserve("seal", np.int64, rows)
    out.reserve("uetr", np.uint64, rows * kept[0], 2)
    out.reserve("end_to_end", np.uint64, rows * kept[1], 2)
    out.reserve("balance", np.int64, rows * kept[2])
    out.reserve("id_at", np.int64, rows + 1)
    out.reserve("ids", np.uint8, id_bytes)
    payees, times = np.empty(rows, np.uint32), np.empty(rows, np.int64)
    codes, counts, done, id_at, seals = [], [], 0, 0, [2**62, 0]
    one_sided = unnamed = 0
    for piece in pieces:
        n = len(piece.seal)
        _fill(out, piece, kept, id_at)
        id_at += _octets(piece.ids)[2]
        payees[done : done + n], times[done : done + n] = piece.payee, piece.words[:, 0]
        single = piece.words[:, 3] & 3
        one_sided += int((single != _BOTH).sum())
        unnamed += int(((single == _PAYER) & (piece.payer == NONE)).sum())
        found = np.unique(piece.payer, return_counts=True)
        codes.append(found[0])
        counts.append(found[1])
        seals = [min(seals[0], int(piece.seal.min())), max(seals[1], int(piece.seal.max()))]
        done += n
    out.fill("id_at", np.array([id_at]))
    known = tokens.first + len(tokens.texts)
    _directory(out, "out", np.concatenate(codes), np.concatenate(counts), known, rows)
    _incoming(out, payees, times, known)
    tokens.write(out)
    return {
        "rows": rows, "first": tokens.first, "accounts": known, "least_seal": seals[0],
        "most_seal": seals[1], "first_us": int(times.min()), "last_us": int(times.max()),
        "one_sided": one_sided, "unnamed": unnamed,
    }  # fmt: skip


def _fill(out: Written, piece: Columns, kept: Kept, id_at: int) -> None:
    places, octets, _ = _octets(piece.ids)
    out.fill("words", piece.words)
    out.fill("seal", piece.seal)
    for name, hashes, has in (
        ("uetr", piece.uetr, kept[0]),
        ("end_to_end", piece.end_to_end, kept[1]),
    ):
        if has:
            empty = np.zeros((len(piece.seal), 2), np.uint64)
            out.fill(name, hashes if len(hashes) else empty)
    if kept[2]:
        none = np.full(len(piece.seal), NO_BALANCE, np.int64)
        out.fill("balance", piece.balance if len(piece.balance) else none)
    out.fill("id_at", places[:-1] + id_at)
    out.fill("ids", octets)


def _octets(texts: pa.LargeStringArray) -> tuple[Array, Array, int]:
    """Where each text begins, all bytes, and how many."""
    if not len(texts):
        return np.zeros(1, np.int64), np.zeros(0, np.uint8), 0
    places, octets = places_of(texts)
    octets = octets[places[0] : places[-1]]
    return places - places[0], octets, len(octets)


def _directory(out: Written, name: str, codes: Array, counts: Array, known: int, rows: int) -> None:
    told = codes != NONE
    codes, counts = codes[told], counts[told]
    if known <= DENSE * rows:
        offsets = np.zeros(known + 1, np.uint32)
        offsets[1:][codes] = counts
        np.cumsum(offsets, out=offsets)
        listed, sieve = np.zeros(0, np.uint32), np.zeros(0, np.uint64)
    else:
        offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.uint32)
        listed, sieve = codes.astype(np.uint32), _sieve(codes)
    out.whole(f"{name}_codes", listed)
    out.whole(f"{name}_from", offsets)
    out.whole(f"{name}_sieve", sieve)


def _sieve(codes: Array) -> Array:
    """One bit an account, among a power of two of them."""
    bits = max(6, int(SIEVE_BITS * max(1, len(codes)) - 1).bit_length())
    place = (codes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - bits)
    sieve = np.zeros(1 << (bits - 6), np.uint64)
    np.bitwise_or.at(sieve, place >> np.uint64(6), np.uint64(1) << (place & np.uint64(63)))
    return sieve


def _incoming(out: Written, payees: Array, times: Array, known: int) -> None:
    """Rows by (payee, time), sorted a piece of the accounts after the other."""
    told = payees != NONE
    counts = np.bincount(payees[told], minlength=known)
    total = int(counts.sum())
    out.reserve("in_row", np.uint32, total)
    out.reserve("in_at", np.int64, total)
    ends = np.cumsum(counts)
    low, done = 0, 0
    while done < total:
        high = max(low + 1, int(np.searchsorted(ends, done + PIECE, "right")))
        rows = np.flatnonzero((payees >= low) & (payees < high))
        rows = rows[np.lexsort((times[rows], payees[rows]))]
        out.fill("in_row", rows.astype(np.uint32))
        out.fill("in_at", times[rows])
        low, done = high, done + len(rows)
    codes = np.flatnonzero(counts)
    _directory(out, "in", codes, counts[codes], known, len(payees))


def of_batch(path: Path, facts: Columns, tokens: Tokens) -> dict[str, Any]:
    """A run of one batch, which need not be in order."""
    kept = bool(len(facts.uetr)), bool(len(facts.end_to_end)), bool(len(facts.balance))
    return write(path, [facts.sorted()], len(facts.seal), _octets(facts.ids)[2], kept, tokens)


def merged(path: Path, runs: Sequence[Mapped]) -> dict[str, Any]:
    """One run of several, oldest first, in bounded memory.

    Raises:
        Damaged: one of them is not what was written.
    """
    for run in runs:
        run.check()
        run.forget()
    uetr, end_to_end, balance = (
        any(len(run[name]) for run in runs) for name in ("uetr", "end_to_end", "balance")
    )
    rows = sum(run.told["rows"] for run in runs)
    id_bytes = sum(len(run["ids"]) for run in runs)
    tokens = Tokens(
        runs[0].told["first"],
        pa.concat_arrays([texts(run, "token_at", "tokens", 0, None) for run in runs]),
        np.concatenate([hashes_by_number(run) for run in runs]),
    )
    return write(path, _pieces(runs), rows, id_bytes, (uetr, end_to_end, balance), tokens)


def hashes_by_number(run: Mapped) -> Hashes:
    """Hashes of the account tokens that a run brought in, by their numbers."""
    hashes = np.empty((len(run["hashed"]), 2), np.uint64)
    numbers = run["hashed"] - np.uint32(run.told["first"])
    hashes[numbers, 0], hashes[numbers, 1] = run["hash_high"], run["hash_low"]
    return hashes


def _pieces(runs: Sequence[Mapped]) -> Iterator[Columns]:
    """Facts in order, cut between accounts about every `PIECE`, as the largest run has them."""
    largest = max(runs, key=lambda run: int(run.told["rows"]))
    rows = sum(int(run.told["rows"]) for run in runs)
    step = max(1, PIECE * int(largest.told["rows"]) // rows)
    payers = (largest["words"][::step, 2].view(np.uint64) >> np.uint64(32)).astype(np.int64)
    cuts = [*np.unique(payers[1:]).tolist(), NONE + 1]
    low = [0] * len(runs)
    for cut in cuts:
        high = [_rows_before(run, cut) for run in runs]
        parts = [_part(run, a, b) for run, a, b in zip(runs, low, high, strict=True) if b > a]
        low = high
        if parts:
            yield joined(parts).sorted()
            for run in runs:
                run.forget()


def _rows_before(run: Mapped, code: int) -> int:
    """How many facts have a payer of a smaller number."""
    if code > NONE:
        return int(run.told["rows"])
    offsets, codes = run["out_from"], run["out_codes"]
    at = np.searchsorted(codes, code) if len(codes) else min(code, len(offsets) - 1)
    return int(offsets[at])


def _part(run: Mapped, low: int, high: int) -> Columns:
    return Columns(
        run["words"][low:high], run["seal"][low:high], run["uetr"][low:high],
        run["end_to_end"][low:high], texts(run, "id_at", "ids", low, high),
        run["balance"][low:high],
    )  # fmt: skip


def texts(run: Mapped, at: str, octets: str, low: int, high: int | None) -> pa.LargeStringArray:
    """Some of a run's texts, by place; what they say is not copied."""
    places = run[at][low : None if high is None else high + 1]
    return pa.LargeStringArray.from_buffers(
        len(places) - 1, pa.py_buffer(places), pa.py_buffer(run[octets])
    )
