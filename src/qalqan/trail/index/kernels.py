"""How the loops of the walk are compiled; loaded only where the compiler is (REQ-39).

`inner` is for functions that only compiled ones call. Without the two wrappers that others would
need, and with whole numbers that divide by nobody's zero, each is compiled in less time: a fresh
machine waits for all of them. For the same reason constants that are passed to several calls
stand here as numbers of 64 bits: of a literal, every value would be compiled anew.
"""

from __future__ import annotations

import numpy as np
from numba import njit

inner = njit(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""Called from compiled code alone."""

outer = njit(cache=True, error_model="numpy", no_cfunc_wrapper=True)
"""Called from Python, too."""

NONE = np.int64(0)
"""No record, no units, the first place."""
