"""What all tables share: how types are stored, ids that count up."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, LargeBinary
from sqlalchemy.orm import DeclarativeBase

BigId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only a plain INTEGER key."""


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {
        int: BigInteger,
        dict[str, Any]: JSON,
        list[str]: JSON,
        bytes: LargeBinary,
    }
