"""The reference page of commands, made from the commands themselves."""

from __future__ import annotations

from typing import Any

import typer.main


def commands_page() -> str:
    """Markdown: every command with its arguments, options and their meaning."""
    from qalqan.cli.app import app

    group: Any = typer.main.get_command(app)
    lines = [
        "# Commands",
        "",
        "Generated from the commands themselves by `make docs`. Settings come from the environment",
        "(`QALQAN_HOME`, `QALQAN_PORT`, `QALQAN_LANGUAGE` …, see `settings.py`).",
    ]
    for name, command in group.commands.items():
        lines += _command(command, f"qalqan {name}", "##")
    return "\n".join(lines).rstrip() + "\n"


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
