"""What tests of a lake in a bucket share."""

from __future__ import annotations

import pytest

IN_BUCKET = pytest.mark.xdist_group("s3")
"""They run in one process, whose server all share."""
