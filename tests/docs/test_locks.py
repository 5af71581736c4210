"""The lock files hold what the project asks for, with hashes and without an address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ENTRY = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^\s;]+)(.*?)(?=^\S|\Z)", re.M | re.S)

RUN = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"]]
EXTRAS = [one for extra in PROJECT["project"]["optional-dependencies"].values() for one in extra]
DEV = [*RUN, *PROJECT["dependency-groups"]["dev"], *EXTRAS]


def locked(name: str) -> dict[str, tuple[str, str]]:
    """Package → its version and what follows it in the lock."""
    text = (ROOT / name).read_text("utf-8")
    return {canonicalize_name(m[1]): (m[2], m[3]) for m in ENTRY.finditer(text)}


@pytest.mark.parametrize(
    ("lock", "asked"), [("requirements.lock", RUN), ("requirements-dev.lock", DEV)]
)
def test_a_lock_answers_the_project_and_has_hashes(lock: str, asked: list[str]) -> None:
    versions = locked(lock)
    for one in map(Requirement, asked):
        version, _ = versions[canonicalize_name(one.name)]
        assert one.specifier.contains(version), f"{lock}: {one} is locked at {version}"
    assert all("--hash=sha256:" in rest for _, rest in versions.values())


def test_both_locks_hold_the_same_versions() -> None:
    run, dev = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {name: dev[name] for name in run} == run
