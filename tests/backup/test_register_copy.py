"""Whatever PostgreSQL's programs or SQLite say, it comes out as an error of ours, and a database
that a restore could not fill stays empty."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from peers.postgresql import programs
from qalqan.backup import register_copy
from qalqan.backup.taking import Taken
from qalqan.errors import ContractBroken, Unavailable
from qalqan.register.database import Database
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.failure import failure

BackedUp = Callable[..., Taken]
TOOLS = ("pg_dump", "pg_restore", "psql")


@pytest.fixture
def server(postgresql: str) -> str:
    """SQLite has no programs of its own."""
    return postgresql


@pytest.fixture
def path_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets only some of PostgreSQL's programs be found; the others may be replaced."""

    def run(*names: str, **replaced: str) -> None:
        found = programs()
        tools = tmp_path / "tools"
        tools.mkdir()
        for name in names:
            (tools / name).symlink_to(str(shutil.which(name) or Path(str(found)) / name))
        for name, script in replaced.items():
            (tools / name).write_text(f"#!/bin/sh\n{script}\n")
            (tools / name).chmod(0o700)
        monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin" if replaced else str(tools))

    return run


def told(error: Unavailable | ContractBroken) -> str:
    """A sentence in each language."""
    said = [failure(error, language) for language in LANGUAGES]
    assert len(set(said)) == len(said)
    return said[-1]


def tables(url: str) -> int:
    with closing(Database(url)) as database, database.session() as session:
        asked = text("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()")
        return int(session.scalar(asked) or 0)


def test_a_missing_program_is_named(
    path_of: Callable[..., None], backed_up: BackedUp, folder: Path
) -> None:
    path_of()
    with pytest.raises(ContractBroken) as error:
        backed_up()
    assert error.value.code == "backup.tool"
    assert "pg_dump" in told(error.value)
    assert not list((folder / "points").iterdir())


def test_a_server_that_is_down_or_refuses_is_told_without_the_password(
    centre: Any, tmp_path: Path
) -> None:
    nobody = make_url(centre.database.url).set(username="nobody_here", password="choose own")
    away = nobody.set(host="127.0.0.1", port=1)
    for url in (nobody, away):
        address = url.render_as_string(hide_password=False)
        with pytest.raises(Unavailable):
            register_copy.empty(address)
        with pytest.raises(Unavailable) as error:
            register_copy._on_server("pg_dump", url, f"--file={tmp_path / 'dump'}")
        assert error.value.code == "backup.tool_failed"
        assert "choose own" not in told(error.value)


@pytest.mark.parametrize("fault", ["no pg_restore", "no psql", "torn dump", "cut", "refused"])
def test_a_restore_that_fails_leaves_the_database_empty(
    fault: str, centre: Any, backed_up: BackedUp, folder: Path,
    empty_database: Callable[[], str], tmp_path: Path, path_of: Callable[..., None],
) -> None:  # fmt: skip
    dump = folder / "points" / backed_up().point.name / register_copy.DUMP
    url, then = empty_database(), ["DELETE FROM leases"]
    if fault.startswith("no "):
        path_of(*(name for name in TOOLS if name != fault[3:]))
    elif fault == "torn dump":
        dump.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
    elif fault == "cut":  # it writes half of its script and dies
        real = shutil.which("pg_restore") or Path(str(programs())) / "pg_restore"
        half = f'for one; do case $one in --file=*) to=${{one#--file=}};; esac; done; {real} "$@"'
        path_of("psql", pg_restore=f'{half}; truncate -s 2000 "$to"; exit 1')
    else:
        then.append("DELETE FROM no_such_table")
    with pytest.raises((Unavailable, ContractBroken)) as error:
        register_copy.restore_dump(dump, url, then, tmp_path)
    assert error.value.code in ("backup.tool", "backup.tool_failed")
    assert told(error.value)
    assert tables(url) == 0
    assert not list(tmp_path.glob("tmp*"))


def test_the_password_reaches_postgresql_by_the_environment_alone(
    tmp_path: Path, path_of: Callable[..., None]
) -> None:
    said = tmp_path / "said"
    script = f'printf "%s\\n" "$1" "$2" "$PGPASSWORD" >{said}'
    path_of(pg_restore=script, psql=script)
    url = "postgresql+psycopg://q:choose%40own@127.0.0.1/centre"
    register_copy.restore_dump(tmp_path / "dump", url, (), tmp_path)
    asked = "--dbname=postgresql://q@127.0.0.1/centre\n--no-password\nchoose@own\n"
    assert said.read_text() == asked


@pytest.mark.parametrize(("hurt", "code"), [("torn", "damaged"), ("gone", "lost")])
def test_a_register_of_sqlite_that_can_t_be_copied_is_told(
    hurt: str, code: str, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    if hurt == "torn":
        (tmp_path / "other.db").write_bytes(b"no database" * 1_000)
    with closing(Database(url)) as other:
        if hurt == "gone":
            (tmp_path / "other.db").unlink()
        (tmp_path / "to").mkdir()
        with pytest.raises((Unavailable, ContractBroken)) as error:
            register_copy.copy(other, tmp_path / "to")
    assert error.value.code == f"register.{code}"
    assert told(error.value)
