"""A finding: what a detector saw about one subject in one window. Never says guilt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Identity is (detector, subject_kind, subject, window): a re-run updates, never floods."""

    detector: str
    subject_kind: str
    subject: str
    window_from_us: int
    window_to_us: int
    score: float
    """0 to 1."""
    evidence: Mapping[str, object]
    version: str
    """Of the detector: a hash of its source and parameters."""
    seal: int
    """The lake's position when it was computed."""

    @property
    def identity(self) -> tuple[str, str, str, int, int]:
        return (
            self.detector,
            self.subject_kind,
            self.subject,
            self.window_from_us,
            self.window_to_us,
        )
