"""Documents may not say otherwise than the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    path for path in ROOT.rglob("*.md") if not {".venv", "var", "node_modules"} & set(path.parts)
]


def test_generated_pages_have_not_drifted() -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "docs/generate.py"), "--check"], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_the_detector_in_the_readme_is_the_real_one() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- (src/\S+\.py) -->\n```python\n(.*?)```", readme, re.DOTALL)
    assert shown, "README shows no detector"
    assert shown[2] == (ROOT / shown[1]).read_text(encoding="utf-8")


def test_every_command_in_the_readme_exists() -> None:
    from qalqan.cli.reference import commands_page

    known = commands_page()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in re.findall(r"qalqan ([a-z]+)\b", readme):
        assert f"## qalqan {command}\n" in known, command
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z]+)`", readme):
        assert f"\n{target}:" in targets, target


def test_no_document_or_lock_names_a_registry() -> None:
    for path in [*DOCUMENTS, *ROOT.glob("requirements*.lock")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"--(extra-)?index-url|--find-links", text), path
