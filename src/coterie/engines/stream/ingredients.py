"""What the machine code of a kernel was made of.

Numba's cache on disk asks whether the kernel's own file changed. What the kernel calls from other
files, and the constants it reads there, are compiled into it as well: without this, an edit there
would go unnoticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from types import CodeType, ModuleType
from typing import Any

_CONSTANTS = (bool, int, float, str, tuple)


def ingredients(function: Callable[..., Any]) -> str:
    """A hash of the code and constants that compiling `function` puts into one.

    Examples
    --------
    >>> from coterie.engines.stream import limbs
    >>> product = getattr(limbs.product, "py_func", limbs.product)
    >>> ingredients(product) == ingredients(product)
    True
    """
    digest = hashlib.sha256()
    for part in _parts(function, set()):
        digest.update(repr(part).encode() + b"\n")
    return digest.hexdigest()


def _parts(function: Callable[..., Any], seen: set[Any]) -> Iterator[tuple[Any, ...]]:
    """Of the function and, once each, of the compiled ones that it calls."""
    if function in seen:
        return
    seen.add(function)
    code = function.__code__
    constants = [part for part in code.co_consts if not isinstance(part, CodeType)]
    yield code.co_qualname, code.co_code, code.co_names, constants
    for name, value in _named(function):
        if hasattr(value, "py_func"):
            yield from _parts(value.py_func, seen)
        elif isinstance(value, _CONSTANTS) or hasattr(value, "dtype"):
            yield name, value


def _named(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    """What the names in the code may stand for, in its own module or in one that it names."""
    names = function.__code__.co_names
    spaces = [function.__globals__]
    spaces += [vars(space) for space in map(spaces[0].get, names) if isinstance(space, ModuleType)]
    for space in spaces:
        yield from ((name, space[name]) for name in names if name in space)
