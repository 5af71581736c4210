"""NOTICE names what others wrote, and nothing installed forbids the Apache licence."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTICE = (ROOT / "NOTICE").read_text(encoding="utf-8")
STATIC = ROOT / "src/qalqan/web/static"
PERMISSIVE = re.compile(r"\b(MIT|MIT-0|0?BSD|Apache|ISC|PSF|Zlib|CC0)", re.IGNORECASE)


def locked(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", text, re.MULTILINE)


def licence(package: str) -> str:
    """What the package says of itself, in one line."""
    meta = distribution(package).metadata
    classes = [c for c in meta.get_all("Classifier") or () if c.startswith("License ::")]
    said = meta.get("License-Expression") or (meta.get("License") or "").split("\n")[0]
    return "; ".join([said, *classes])


def test_every_vendored_file_is_named_with_a_licence_beside_it() -> None:
    vendored = [*(STATIC / "fonts").iterdir(), *(STATIC / "vendor").iterdir()]
    named = [re.escape(word).replace(r"\*", ".*") for word in re.findall(r"src/\S+", NOTICE)]
    for file in vendored:
        path = file.relative_to(ROOT).as_posix()
        assert any(re.fullmatch(pattern, path) for pattern in named), path


def test_every_file_that_notice_names_is_there() -> None:
    for word in re.findall(r"(?:src|tests)/[\w./*-]+\w", NOTICE):
        assert list(ROOT.glob(word)), word


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_nothing_installed_is_under_a_licence_that_notice_does_not_name(lock: str) -> None:
    for package in locked(lock):
        try:
            said = licence(package)
        except PackageNotFoundError:  # a package of another platform
            continue
        if not PERMISSIVE.search(said) or re.search(r"GPL|GNU", said):
            assert re.search(rf"\b{package.removesuffix('-binary')}\b", NOTICE), (
                f"{package}: {said}"
            )
        assert not re.search(r"\bA?GPL|Affero", said), f"{package}: {said}"
        assert lock != "requirements.lock" or "GPL" not in said, f"{package}: {said}"
