"""The trail: where stolen money could have gone, where it sits, what to ask next (REQ-39)."""

from qalqan.trail.body import Document, Trail, document
from qalqan.trail.lake_walk import follow, reach

__all__ = ["Document", "Trail", "document", "follow", "reach"]
