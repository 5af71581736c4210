"""The reference page of facts, made from the schemas."""

from __future__ import annotations

from qalqan.lake.schemas import SCHEMAS, Column, Schema

_INTRODUCTION = """\
# Facts

Generated from `src/qalqan/lake/schemas` by `make docs`. A fact is something a partner observed;
how to send facts is told in [Send facts](../how-to/send-facts.md).

*Sent*: **yes** must come, *may* may come, — is filled in by the system. What stands in the lake
as a token or masked is never there in clear. Times are UTC microseconds, sums are in the
currency's smallest unit.
"""


def facts_page() -> str:
    """Every kind of fact with its columns, in Markdown."""
    return "\n".join([_INTRODUCTION, *map(_kind, SCHEMAS.values())])


def _kind(schema: Schema) -> str:
    lines = [
        f"## {schema.kind}",
        "",
        " · ".join(schema.titles[language] for language in ("en", "ru", "kk")),
        "",
        "| column | type | sent | rules | meaning | смысл | мағынасы |",
        "|---|---|---|---|---|---|---|",
        *map(_column, schema.columns),
        "",
    ]
    return "\n".join(lines)


def _column(column: Column) -> str:
    kind = f"{column.type}, {column.unit}" if column.unit else column.type
    sent = ("**yes**" if column.required else "may") if column.given else "—"
    titles = (column.titles[language] for language in ("en", "ru", "kk"))
    return f"| `{column.name}` | {kind} | {sent} | {_rules(column)} | {' | '.join(titles)} |"


def _rules(column: Column) -> str:
    rules = []
    if column.identifier:
        rules.append(f"read as {column.identifier}")
    if column.enum:
        rules.append(", ".join(f"`{word}`" for word in column.enum))
    if column.minimum is not None:
        rules.append(f"{column.minimum} to {column.maximum}")
    if column.max_length:
        rules.append(f"at most {column.max_length} characters")
    if column.vault:
        rules.append("token")
    if column.free_text:
        rules.append("masked")
    return "; ".join(rules) or "—"
