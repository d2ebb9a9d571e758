"""What the compiler needs to know of an aggregate: declared in its file, beside what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from coterie.engines.sql.capabilities import check_complete
from coterie.engines.stream.layout import EXACT, REAL, TEXT
from coterie.language import nodes as n
from coterie.language.types import Type

Words = Callable[[Any, Any], dict[str, int]]
"""From a node, and the type of its value if it has one, to fields of the leaf."""


def no_words(expr: n.Aggregate, of: Type | None) -> dict[str, int]:
    """Nothing but what every leaf has."""
    return {}


@dataclass(frozen=True)
class Form:
    """One way in which an aggregate of the language is kept.

    Parameters
    ----------
    node : type
        The aggregate of the language.
    kind : int
        The number by which kernels know the form: all forms have 0, 1, 2 and so on.
    width : int
        The words of a state.
    modes : tuple of int
        The values that it is for, where others are kept in another form.
    reads : bool
        Whether it reads a value of each occurrence, and not only that there was one.
    as_real : bool
        Whether it reads that value as a real, whatever its type.
    chunked : bool
        Whether the state begins with a ring or map, and so points to a chunk.
    undo : bool
        Whether the earliest occurrence can be taken away again; else a window folds anew.
    words : callable
        What the kernels need to know of a node: ``rate``, ``limit``, ``up``.
    """

    node: type[n.Aggregate]
    kind: int
    width: int
    modes: tuple[int, ...] = (EXACT, REAL, TEXT)
    reads: bool = True
    as_real: bool = False
    chunked: bool = False
    undo: bool = False
    words: Words = no_words


def gathered(forms: Iterable[Form]) -> dict[tuple[type[n.Aggregate], int], Form]:
    """The form of each aggregate and mode.

    Raises
    ------
    TypeError
        Where numbers have gaps or stand for two forms, or an aggregate of the language has no
        form, or two for the same values.
    """
    forms = tuple(forms)
    if sorted(form.kind for form in forms) != list(range(len(forms))):
        raise TypeError(f"kinds are 0 to {len(forms) - 1}, once each: {_kinds(forms)}")
    found = {(form.node, mode): form for form in forms for mode in form.modes}
    if len(found) < sum(len(form.modes) for form in forms):
        raise TypeError("two forms keep the same values of an aggregate")
    check_complete("the stream engine's aggregates", n.AGGREGATES, {form.node for form in forms})
    return found


def _kinds(forms: tuple[Form, ...]) -> str:
    return ", ".join(f"{form.node.__name__} {form.kind}" for form in forms)
