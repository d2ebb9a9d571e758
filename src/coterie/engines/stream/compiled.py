"""Kernels as machine code where Numba is installed, and as plain Python where it is not."""

from __future__ import annotations

import os
from collections.abc import Callable, MutableSequence
from importlib import import_module
from typing import Any, TypeVar

from coterie.engines.stream.ingredients import ingredients
from coterie.engines.stream.inner import inner, outer
from coterie.engines.stream.unwrapped import unwrap

try:
    numba: Any = import_module("numba")
except ImportError:
    numba = None

Memory = MutableSequence[int]
"""What kernels read and write: an array of 64-bit integers, or a view of one."""

F = TypeVar("F", bound=Callable[..., Any])

COMPILED = numba is not None and os.environ.get("COTERIE_COMPILED") != "0"
"""Whether kernels are compiled: Numba is there, and `COTERIE_COMPILED` is not ``0``."""

WAY = 2
"""How kernels are compiled: another number where that changes, or those of before would be used."""

if COMPILED:
    unwrap()


def kernel(function: F) -> F:
    """The function itself, or one of machine code, kept on disk from one process to the next.

    Kernels take and give 64-bit integers, reals, booleans, tuples of them, and arrays; they
    allocate nothing, check no bounds, wrap around beyond 64 bits, and release the interpreter's
    lock.
    """
    if not COMPILED:
        return function
    return _kernel(function, nogil=True)


def brief(function: F) -> F:
    """As :func:`kernel`, for calls of a microsecond: the interpreter's lock is kept meanwhile.

    Whoever lets go of it waits for it again, behind each thread that wants it.
    """
    return _kernel(function, nogil=False) if COMPILED else function


def _kernel(function: F, *, nogil: bool) -> F:
    made = _made(function, nogil=nogil)
    outer(made)
    _keep(made)
    return made  # type: ignore[no-any-return]


def compiled(function: F) -> F:
    """The function itself, or a part of kernels: Python cannot call it."""
    if not COMPILED:
        return function
    made = _made(function)
    inner(made)
    return made  # type: ignore[no-any-return]


def _made(function: Any, *, nogil: bool = True) -> Any:
    # without `_nrt` nothing can be allocated, so that no array argument is counted
    made = numba.njit(nogil=nogil, error_model="numpy", boundscheck=False, _nrt=False)(function)
    _generalise(made)
    return made


def _generalise(made: Any) -> None:
    """Take constants for what they are instances of: not one more machine code for each of them."""
    call = made.get_call_template

    def general(args: Any, kws: Any) -> Any:
        plain = tuple(numba.types.unliteral(given) for given in args)
        return call(plain, {name: numba.types.unliteral(given) for name, given in kws.items()})

    made.get_call_template = general


def _keep(made: Any) -> None:
    """Keep machine code on disk, and use it again while all that it was made of is unchanged."""
    try:
        made.enable_caching()
    except RuntimeError:  # no folder may be written to: compiled anew in each process
        return
    cache, function = made._cache, made.py_func
    own = cache._index_key
    cache._index_key = lambda *asked: (*own(*asked), ingredients(function), WAY)


def plain(words: Any) -> Any:
    """An array as kernels take it: itself for machine code, a memoryview for Python."""
    return words if COMPILED else memoryview(words)
