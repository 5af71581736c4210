"""Writes the generated pages of `docs/reference`; `--check` only says which have drifted.

Each page is made from what the code itself holds, so that it can't say otherwise.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
CITATION = re.compile(r"REQ-(\d+)(?:\s*(?:to|–)\s*(?:REQ-)?(\d+))?((?:,\s*\d+)*)")


def citations(folder: str) -> dict[int, list[str]]:
    """Requirement number → files under `folder` that cite it."""
    found: dict[int, set[str]] = defaultdict(set)
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix not in {".py", ".toml", ".html"} or "static" in path.parts:
            continue
        for match in CITATION.finditer(path.read_text(encoding="utf-8")):
            first, last = int(match[1]), int(match[2] or match[1])
            numbers = [*range(first, last + 1), *map(int, re.findall(r"\d+", match[3]))]
            for number in numbers:
                found[number].add(str(path.relative_to(ROOT / folder)))
    return {number: sorted(files) for number, files in found.items()}


def requirements_page() -> str:
    """REQ → where the code cites it → state."""
    code, tests = citations("src/qalqan"), citations("tests")
    lines = [
        "# Requirements and where they live",
        "",
        "Generated from the code's own citations by `make docs`. *Tested*: code and a test",
        "cite it; *cited*: only code does; *open*: nothing does yet.",
        "",
        "| requirement | what | where | state |",
        "|---|---|---|---|",
    ]
    for row in (ROOT / "docs/requirements.tsv").read_text(encoding="utf-8").splitlines():
        name, title = row.split("\t")
        number = int(name.removeprefix("REQ-"))
        state = "open" if number not in code else "tested" if number in tests else "cited"
        where = ", ".join(f"`{file}`" for file in code.get(number, []))
        lines.append(f"| {name} | {title} | {where} | {state} |")
    return "\n".join(lines) + "\n"


def pages() -> dict[str, Callable[[], str]]:
    """File name under `docs/reference` → how to make it."""
    from qalqan.cases.reference import orders_page
    from qalqan.cli.reference import commands_page
    from qalqan.detectors.reference import detectors_page
    from qalqan.lake.reference import facts_page
    from qalqan.model.identifiers.reference import identifiers_page

    return {
        "requirements.md": requirements_page,
        "identifiers.md": identifiers_page,
        "facts.md": facts_page,
        "detectors.md": detectors_page,
        "orders.md": orders_page,
        "commands.md": commands_page,
    }


def main(check: bool) -> int:
    """Write what has drifted; with `check`, only name it and return 1."""
    drifted = 0
    for name, make in pages().items():
        path, text = REFERENCE / name, make()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        drifted += 1
        print(f"{path.relative_to(ROOT)} {'has drifted: run `make docs`' if check else 'written'}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 1 if check and drifted else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
