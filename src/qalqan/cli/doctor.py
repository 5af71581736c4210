"""`qalqan doctor`: can a centre run here, and what would mend what can't?"""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from rich.console import Console

from qalqan.cases.grounds import grounds
from qalqan.cli import looks, owners_look
from qalqan.cli.check import Check
from qalqan.cli.home import check_folder, check_moved, open_home
from qalqan.cli.out import answer, language, word
from qalqan.cli.people import AsJson
from qalqan.errors import ContractBroken, NotFound, QalqanError
from qalqan.lake.schemas import KINDS
from qalqan.settings import settings
from qalqan.text.failure import failure
from qalqan.trust.keys import Keys

LEAST_BYTES = 2 * 10**9
PARTS = ("keys.json", "register.db", "lake")
"""A home with none of them is no centre that lost something: there never was one."""


def doctor(as_json: AsJson = False) -> None:
    """Look at this machine and home; say what is wrong and what would mend it."""
    checks = {"python": _python(), "settings": _looked(_settings, "settings")}
    for name, look in LOOKS.items():
        if all(needed in checks and checks[needed].ok for needed in NEEDS.get(name, ("settings",))):
            checks[name] = _looked(look, name)
    if as_json:
        answer({name: asdict(check) for name, check in checks.items()}, True)
    else:
        _tell(checks)
    if not all(check.ok for check in checks.values()):
        raise SystemExit(1)


def _tell(checks: dict[str, Check]) -> None:
    out = Console(highlight=False)
    for name, check in checks.items():
        mark = "✓" if check.ok else "✗"
        out.print(f"{mark} {name:11} {check.seen}", markup=False, soft_wrap=True)
        if not check.ok:
            remedy = word("doctor.remedy", remedy=check.remedy)
            out.print(f"  {'':11} {remedy}", markup=False, soft_wrap=True)
    if all(check.ok for check in checks.values()):
        out.print(word("doctor.well"))


def _looked(look: Callable[[], Check], name: str) -> Check:
    """The check, or what stood in its way."""
    try:
        return look()
    except (QalqanError, OSError) as error:
        return Check(False, failure(error, language()), word(f"doctor.{name}"))
    except Exception as error:  # whatever stands in the way is what the reader must be told
        return Check(False, f"{type(error).__name__}: {str(error)[:200]}", word(f"doctor.{name}"))


def _python() -> Check:
    ok = sys.version_info >= (3, 11)
    return Check(ok, sys.version.split()[0], "" if ok else word("doctor.python"))


def _settings() -> Check:
    here = settings()
    return Check(True, f"engine={here.engine} language={here.language} port={here.port}")


def _disk() -> Check:
    where = settings().home.absolute()
    while not where.exists():
        where = where.parent
    free = shutil.disk_usage(where).free
    ok = free > LEAST_BYTES
    seen = word("doctor.disk", gigabytes=round(free / 10**9, 1))
    return Check(ok, seen, "" if ok else word("doctor.disk_full"))


def _home() -> Check:
    """The folder, and that a centre was made in it: its parts are looked at one by one."""
    here = settings()
    home = here.home.absolute()
    check_folder(home)
    if here.register_address is None and not any((home / name).exists() for name in PARTS):
        raise NotFound("home", str(here.home))
    return Check(True, str(home))


def _keys() -> Check:
    Keys.load(settings().keys_file)
    return Check(True, str(settings().keys_file.absolute()))


def _register() -> Check:
    from sqlalchemy.engine import make_url

    from qalqan.register import vault
    from qalqan.register.orm import Partner

    try:
        check_moved(settings())
    except ContractBroken as error:
        return Check(False, failure(error, language()), word("doctor.moved"))
    home = open_home()
    with home.database.write() as session:
        session.query(Partner).count()
        vault.check_keys(session, home.keys)
    return Check(True, make_url(home.database.url).render_as_string(hide_password=True))


def _lake() -> Check:
    """Its newest seal, and that every table of it opens."""
    from sqlalchemy import func, select

    from qalqan.lake.engine import frozen_files
    from qalqan.register.orm import Seal

    home = open_home()
    for kind in KINDS:
        frozen_files(home.settings.lake_root, kind)
    with home.database.session() as session:
        seal = session.scalar(select(func.max(Seal.seal))) or 0
    return Check(True, word("doctor.lake_seen", path=home.settings.lake_root, seal=seal))


def _port() -> Check:
    """A port where a Qalqan answers is in use as it should be."""
    import httpx

    here = settings()
    address = f"http://{here.host}:{here.port}"
    with socket.socket() as probe:
        if probe.connect_ex((here.host, here.port)) != 0:
            return Check(True, word("doctor.port_free", address=address))
    try:
        ours = httpx.get(f"{address}/health", timeout=2).status_code == 200
    except httpx.HTTPError:
        ours = False
    if ours:
        return Check(True, word("doctor.port_ours", address=address))
    return Check(False, word("doctor.port_busy", address=address), word("doctor.port"))


def _java() -> Check:
    return _for_spark(shutil.which("java"), "java")


def _pyspark() -> Check:
    try:
        return _for_spark(version("pyspark"), "pyspark")
    except PackageNotFoundError:
        return _for_spark(None, "pyspark")


def _for_spark(seen: str | None, name: str) -> Check:
    if seen is None and settings().engine != "spark":
        return Check(True, word("doctor.spark_unused"))
    return Check(seen is not None, seen or "–", "" if seen else word(f"doctor.{name}"))


def _law() -> Check:
    """No remedy of ours: a lawyer has to look (REQ-43)."""
    rows = grounds()
    confirmed = sum(row.confirmed for row in rows)
    return Check(True, word("doctor.law", confirmed=confirmed, total=len(rows)))


LOOKS: dict[str, Callable[[], Check]] = {
    "disk": _disk, "home": _home, "keys": _keys, "register": _register, "lake": _lake,
    **looks.LOOKS, "screens": owners_look.screens,
    "port": _port, "java": _java, "pyspark": _pyspark, "law": _law,
}  # fmt: skip

NEEDS = {
    "keys": ("settings", "home"),
    "register": ("settings", "home", "keys"),
    "lake": ("settings", "home", "keys", "register"),
    **looks.NEEDS,
    "screens": looks.NEEDS["landing"],
}
"""What must be well before a look makes sense; of the others, the settings."""
