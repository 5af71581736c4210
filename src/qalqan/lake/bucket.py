"""The lake's files in a bucket of an S3-compatible server (extra `qalqan[s3]`).

`deltalake` speaks S3 by itself; all else goes through `s3fs`. Both find server, keys and region
in the same standard variables: `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
`AWS_REGION`. What must be memory-mapped is copied to the home's `cache` once, by whichever
process needs it first; files of a lake never change, so a copy stays good.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from qalqan import clock
from qalqan.clock import DAY, SECOND
from qalqan.errors import ContractBroken, Unavailable
from qalqan.lake.storage import Stored
from qalqan.settings import settings

try:
    import botocore.exceptions
    import s3fs
except ModuleNotFoundError as missing:
    raise Unavailable(
        f"a lake in a bucket lacks {missing.name}: pip install 'qalqan[s3]'",
        "lake.s3",
        name=missing.name,
    ) from missing

_PART_BYTES = 16 * 2**20
_MOST_KNOWN = 50_000
_PATIENCE = {"connect_timeout": 5, "read_timeout": 20, "retries": {"total_max_attempts": 3}}
"""Seconds; a server that is silent for longer is asked again …"""
CALL_S = 60.0
"""… and after so many, and `_LEAST_RATE`, `Unavailable`: the client below waits without end for a
server that takes a connection and never says "100 Continue", or that stops reading a body."""
_LEAST_RATE = 500_000
"""Bytes a second below which a way to a bucket is none."""
_DELTA = {"connect_timeout": "5s", "timeout": "30s", "max_retries": "4", "retry_timeout": "60s"}
"""The same for `deltalake`, whose own patience is three minutes a call."""
_UNUSED_US = DAY
"""A copy that nobody has asked for in a day makes room."""

_ERRORS = (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, OSError)


def options() -> dict[str, str]:
    """What `deltalake` is told beside the environment: commits are conditional puts, whatever
    the environment says of unsafe renames, and a server without TLS is one the operator named."""
    plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    told = {**_DELTA, "conditional_put": "etag", "AWS_S3_ALLOW_UNSAFE_RENAME": "false"}
    return told | ({"allow_http": "true"} if plain else {})


class _Files(s3fs.S3FileSystem):  # type: ignore[misc]
    """Each call is tried again by the client below already, and ends in any case."""

    retries = 1

    async def _call_s3(self, method: str, *args: Any, **more: Any) -> Any:
        body = more.get("Body", b"")
        size = len(body) if isinstance(body, bytes | bytearray | memoryview) else 0
        async with asyncio.timeout(CALL_S + size / _LEAST_RATE):
            return await super()._call_s3(method, *args, **more)


def file_system(of: type[Any] = _Files) -> Any:
    """The server's `fsspec` file system; one a thread and process, which the library keeps."""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return of(
        endpoint_url=os.environ.get("AWS_ENDPOINT_URL"),
        use_listings_cache=False,
        default_cache_type="readahead",
        client_kwargs={"region_name": region} if region else {},
        config_kwargs=_PATIENCE,
    )


class _Frozen(_Files):
    """The same for files that never change: DuckDB asks how long one is dozens of times."""

    async def _info(self, path: str, *args: Any, **more: Any) -> Any:
        known = self.__dict__.setdefault("_qalqan_known", {})
        if path not in known:
            if len(known) > _MOST_KNOWN:
                known.clear()
            known[path] = await super()._info(path, *args, **more)
        return known[path]


def _well(sent: Future[Any]) -> bool:
    return sent.done() and sent.exception() is None


@contextmanager
def answered(what: str) -> Iterator[None]:
    """Whatever the server or the way to it did, as `Unavailable`; its words go to no reader."""
    try:
        yield
    except _ERRORS as error:
        raise Unavailable(f"{what}: {type(error).__name__}: {error}", "lake.bucket") from error


@dataclass(frozen=True)
class Bucket:
    """A bucket, or the part of it below a prefix."""

    root: str
    """`s3://bucket` or `s3://bucket/prefix`."""
    _sent: dict[str, Future[Any]] = field(default_factory=dict, compare=False, repr=False)

    def address(self, name: str) -> str:
        return f"{self.root}/{name}"

    def _key(self, name: str) -> str:
        return self.address(name).removeprefix("s3://")

    @contextmanager
    def new_file(self, name: str) -> Iterator[pa.NativeFile]:
        """Sent when the context ends well; many may be under way at once."""
        with pa.BufferOutputStream() as file:
            yield file
            contents = file.getvalue().to_pybytes()
        there = file_system()
        put = there._pipe_file(self._key(name), contents)
        for done in [one for one, sent in list(self._sent.items()) if _well(sent)]:
            self._sent.pop(done, None)
        self._sent[name] = asyncio.run_coroutine_threadsafe(put, there.loop)

    def keep(self, names: Sequence[str]) -> None:
        """A put that was answered is durable."""
        for name in names:
            if (sent := self._sent.get(name)) is not None:
                with answered(f"writing {name}"):
                    sent.result()
                self._sent.pop(name, None)

    def keep_newest(self, folder: str, ending: str, count: int) -> None:
        """The same holds for puts of others."""

    def files(self, below: str) -> list[Stored]:
        with answered(f"listing {below}"):
            found = file_system().find(self.address(below), detail=True)
        start = len(self.root.removeprefix("s3://")) + 1
        return [
            Stored(name[start:], about["size"], about["LastModified"].timestamp())
            for name, about in sorted(found.items())
        ]

    def delete(self, name: str) -> None:
        with answered(f"deleting {name}"):
            file_system().rm_file(self.address(name))

    def local(self, name: str) -> Path:
        path = self._cache / hashlib.sha256(name.encode()).hexdigest()[:32]
        if path.exists():
            if clock.wall_us() - path.stat().st_atime * SECOND > _UNUSED_US / 4:
                os.utime(path)
            return path
        self._cache.mkdir(parents=True, exist_ok=True)
        self._make_room()
        with answered(f"reading {name}"):
            self._fetch(name, path)
        return path

    def _fetch(self, name: str, path: Path) -> None:
        """Copy to a name of our own, then give it its name: nobody sees half a file."""
        part = path.with_suffix(f".{secrets.token_hex(4)}")
        try:
            with file_system().open(self.address(name), "rb") as there, part.open("wb") as here:
                shutil.copyfileobj(there, here, _PART_BYTES)
                here.flush()
                os.fsync(here.fileno())  # or power loss could leave the name without the contents
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)

    @property
    def _cache(self) -> Path:
        name = hashlib.sha256(self.root.encode()).hexdigest()[:16]
        return settings().home.absolute() / "cache" / name

    def _make_room(self) -> None:
        for path in self._cache.iterdir():
            if clock.wall_us() - path.stat().st_atime * SECOND > _UNUSED_US:
                path.unlink(missing_ok=True)

    def readable(self, uri: str) -> str:
        """By the scheme's other name: it is Spark's, and for `s3://` Ibis would have DuckDB fetch
        an extension from the network."""
        return uri.replace("s3://", "s3a://", 1)

    def reader(self) -> Any:
        return file_system(_Frozen)

    def prove(self) -> None:
        """Write one object twice on condition that it is new: the second must be refused."""
        name = self.address(f"_proof/{secrets.token_hex(8)}")
        there = file_system()
        with answered("proving conditional puts"):
            there.pipe_file(name, b"1", mode="create")
            try:
                there.pipe_file(name, b"2", mode="create")
            except FileExistsError:
                return
            except botocore.exceptions.ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == 412:
                    return
                raise
            finally:
                there.rm_file(name)
        raise ContractBroken("the bucket's server ignores conditions on puts", "lake.conditional")
