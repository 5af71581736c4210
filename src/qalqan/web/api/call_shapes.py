"""What operators are answered that tell of their subscribers, as a model: it describes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from qalqan.web.api.shapes import Refusal


class PlacesTaken(BaseModel):
    """What became of places or ported numbers: read = taken + refused."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    read: int
    taken: int
    refused: int
    complete_us: int | None
    """The moment as of which all places are told now; null: not said, or something was lacking."""
    refusals: list[Refusal]
    """The first hundred."""
