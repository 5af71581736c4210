"""UETRs: the number that a payment keeps from bank to bank (REQ-39).

ISO 20022 has it as a UUID in small letters. Banks that write it in capitals mean the same payment,
which would count twice if they did not get on with those that don't.
"""

from __future__ import annotations

import re

PATTERN = r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"
_UUID = re.compile(PATTERN.replace("$", r"\Z"), re.ASCII)


def canonical(text: str) -> str:
    """A UUID in small letters; a bank's own word as it is."""
    return text.lower() if _UUID.match(text) else text
