"""Documents may not say otherwise than the code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from qalqan.exchange import mapping

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    path
    for path in ROOT.rglob("*.md")
    if not {".venv", ".venv-iso", "var", "node_modules"} & set(path.parts)
]


def test_generated_pages_have_not_drifted() -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "docs/generate.py"), "--check"], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


every_document = pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)


def blocks(path: Path, language: str) -> list[str]:
    """Fenced blocks of a document in that language."""
    text = path.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """What a link may name behind `#`: headings, as GitHub spells them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_document
def test_every_link_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", text):
        file = path.parent / target if target else path
        assert file.exists(), f"{path.name} links to {target}"
        if anchor:
            assert anchor in anchors(file), f"{path.name} links to {target}#{anchor}"


@every_document
def test_every_piece_of_code_can_be_read(path: Path) -> None:
    for code in blocks(path, "python"):
        assert compile(code, str(path), "exec")
    for text in blocks(path, "toml"):
        assert tomllib.loads(text)
        if "\n[columns]" in text:
            assert mapping.load(text)
    for text in blocks(path, "json"):
        assert json.loads(text)


@every_document
def test_every_command_of_a_document_exists(path: Path) -> None:
    from qalqan.cli.reference import commands_page

    known = commands_page()
    text = path.read_text(encoding="utf-8")
    shown = "\n".join([*blocks(path, "(?:bash|sh)?"), *re.findall(r"`(qalqan [^`]+)`", text)])
    for command in re.findall(
        r"^(?:\$ )?qalqan (lake [a-z-]+|[a-z][a-z-]*)\b", shown, re.MULTILINE
    ):
        assert f"## qalqan {command}\n" in known, command
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in re.findall(
        r"^make ([a-z ]+?)\s*(?:#.*)?$|`make ([a-z]+)`", shown + text, re.MULTILINE
    ):
        for target in " ".join(line).split():
            assert f"\n{target}:" in targets, target


@every_document
def test_no_document_names_a_place_that_readers_do_not_have(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(?:work|root|tmp|home)/|pypi|npmjs|deb\.debian", text), path


def test_the_detector_in_the_readme_is_the_real_one() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- (src/\S+\.py) -->\n```python\n(.*?)```", readme, re.DOTALL)
    assert shown, "README shows no detector"
    assert shown[2] == (ROOT / shown[1]).read_text(encoding="utf-8")


def test_no_document_or_lock_names_a_registry() -> None:
    for path in [*DOCUMENTS, *ROOT.glob("requirements*.lock")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"--(extra-)?index-url|--find-links", text), path
