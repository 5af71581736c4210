"""The reference page of commands and settings, made from the commands and settings themselves."""

from __future__ import annotations

from typing import Any

import typer.main
from pydantic_core import PydanticUndefined

from qalqan.settings import Settings


def commands_page() -> str:
    """Markdown: every command with its arguments, options and their meaning."""
    from qalqan.cli.app import app

    group: Any = typer.main.get_command(app)
    lines = [
        "# Commands",
        "",
        "Generated from the commands themselves by `make docs`. [Settings](#settings) come from",
        "the environment.",
    ]
    for name, command in group.commands.items():
        lines += _command(command, f"qalqan {name}", "##")
    return "\n".join([*lines, "", *_settings()]).rstrip() + "\n"


def _settings() -> list[str]:
    """Every setting with its usual value and meaning."""
    lines = [
        "## Settings",
        "",
        "Every one may be left out. A lake in a bucket also reads",
        "the standard `AWS_…` variables.",
        "",
    ]
    lines += ["| variable | usual | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        variable = field.validation_alias or f"QALQAN_{name.upper()}"
        usual = "" if field.default in (None, PydanticUndefined) else f"`{field.default}`"
        meaning = " ".join((field.description or "").split())
        lines.append(f"| `{variable}` | {usual} | {meaning} |")
    return lines


def _command(command: Any, name: str, mark: str) -> list[str]:
    """One command, or a group and its own."""
    lines = ["", f"{mark} {name}", "", (command.help or "").strip(), ""]
    lines += [_parameter(parameter) for parameter in command.params if parameter.name != "help"]
    for inner, below in getattr(command, "commands", {}).items():
        lines = "\n".join(lines).rstrip().split("\n")
        lines += _command(below, f"{name} {inner}", f"{mark}#")
    return lines


def _parameter(parameter: Any) -> str:
    names = ", ".join((*parameter.opts, *parameter.secondary_opts))
    shown = names if names.startswith("-") else names.upper()
    default = (
        "" if parameter.default in (None, "", False, ()) else f" Default: `{parameter.default}`."
    )
    return f"- `{shown}`: {(getattr(parameter, 'help', '') or '').strip()}{default}".rstrip()
