"""The reference page of detectors, made from the registry, its sources and the catalogue."""

from __future__ import annotations

import ast
import inspect
import sys
from dataclasses import fields, is_dataclass
from itertools import pairwise
from textwrap import dedent

from qalqan.detectors.base import Detector
from qalqan.detectors.registry import all_detectors
from qalqan.detectors.sentence import title
from qalqan.text.catalogue import LANGUAGES

_HEAD = """# Detectors

Generated from the code by `make docs`. A detector is a pure function from facts to findings; it
says what was seen, never that someone is guilty. It runs in shadow until a person promotes it.
[How to add one](../how-to/add-a-detector.md).
"""


def detectors_page() -> str:
    """Markdown: each detector with its title, reasons, columns read and thresholds."""
    return "\n".join([_HEAD, *(_section(detector) for detector in all_detectors().values())])


def _section(detector: Detector) -> str:
    module = sys.modules[detector.function.__module__]
    titles = [f"- {language}: {title(detector.code, language)}" for language in LANGUAGES]
    reads = [f"- `{kind}`: {', '.join(names)}" for kind, names in detector.reads.items()]
    parameters = ["| parameter | default | why |", "|---|---|---|", *_parameters(detector)]
    parts = [
        [f"## {detector.code}"],
        titles,
        [inspect.cleandoc(module.__doc__ or "")],
        ["Reads:"],
        reads,
        parameters,
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _parameters(detector: Detector) -> list[str]:
    said = docstrings(type(detector.params))
    return [
        f"| `{field.name}` | {_default(getattr(detector.params, field.name))} "
        f"| {said.get(field.name, '')} |"
        for field in fields(detector.params)
    ]


def _default(value: object) -> str:
    """A number or word in code; rows of data one under the other."""
    if isinstance(value, tuple):
        return "<br>".join(_default(item) for item in value)
    if is_dataclass(value):
        return ", ".join(str(getattr(value, field.name)) for field in fields(value))
    return f"`{value}`"


def docstrings(parameters: type) -> dict[str, str]:
    """Parameter → why it is so: the string literal written under it, there or where it is from."""
    said: dict[str, str] = {}
    for each in parameters.__mro__[-2::-1]:
        [definition] = ast.parse(dedent(inspect.getsource(each))).body
        for field, text in pairwise(ast.iter_child_nodes(definition)):
            if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
                said[ast.unparse(field.target)] = " ".join(ast.literal_eval(text.value).split())
    return said
