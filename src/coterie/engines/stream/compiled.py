"""Kernels as machine code where Numba is installed, and as plain Python where it is not."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

try:
    import numba
except ImportError:
    numba = None  # type: ignore[assignment]

F = TypeVar("F", bound=Callable[..., Any])

COMPILED = numba is not None and os.environ.get("COTERIE_COMPILED") != "0"
"""Whether kernels are compiled: Numba is there, and `COTERIE_COMPILED` is not ``0``."""

_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "boundscheck": False,
    "_nrt": False,  # kernels allocate nothing, so that no array argument is counted
}


def compiled(function: F) -> F:
    """The function itself, or one of machine code, kept on disk from one process to the next.

    Compiled functions take and give 64-bit integers, reals, booleans, tuples of them, and
    arrays; they allocate nothing, check no bounds, wrap around beyond 64 bits, and release the
    interpreter's lock.
    """
    if not COMPILED:
        return function
    try:
        return numba.njit(cache=True, **_OPTIONS)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # no folder that may be written to: compiled anew in each process
        return numba.njit(**_OPTIONS)(function)  # type: ignore[no-any-return]
