"""Whatever is wrong with a definition, each at its place in the tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from coterie.errors import DefinitionError, DefinitionErrors
from coterie.language import nodes as n
from coterie.language.data import from_data
from coterie.language.scope import Scope, expect
from coterie.language.types import Boolean

DEEP = 150
"""Levels of conditions in conditions that are looked into."""


class Mistake(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong with a definition.

    Parameters
    ----------
    path : str
        The place below the definition: ``predicate.parts[0].left``; ``name`` for its name, empty
        for the whole.
    code : str
        Of the error, stable.
    what, got, expected, hint : str
        As the error says them.
    """

    path: str
    code: str
    what: str
    got: str = ""
    expected: str = ""
    hint: str = ""


def mistake(error: DefinitionError, name: str) -> Mistake:
    """An error of the definition of this name, without the name in its place."""
    where = error.where.rpartition(": ")[2]
    path = where.removeprefix(name).lstrip(".") if where.startswith(name) else where
    return Mistake(path, error.code, error.what, error.got, error.expected, error.hint)


def mistakes(error: DefinitionError, name: str) -> list[Mistake]:
    """An error, or each of several."""
    several = error.errors if isinstance(error, DefinitionErrors) else (error,)
    return [mistake(each, name) for each in several]


def too_deep(where: str) -> DefinitionError:
    """Conditions in conditions without end."""
    return DefinitionError(
        "a definition is nested too deeply", where=where, hint="name a part of it, and refer to it"
    )


def of_conditions(data: Any, path: str, scope: Scope) -> Iterator[Mistake]:
    """The first mistake of each condition of a predicate, so that all can be mended at once.

    Parameters
    ----------
    data
        Plain data of a predicate (:mod:`coterie.language.data`).
    path : str
        Its place.
    scope : Scope
        What it may name.
    """
    for place, condition in conditions(data, path):
        try:
            expect(from_data(condition, n.Expr, place), scope, place, Boolean())
        except DefinitionError as error:
            yield mistake(error, "")
        except RecursionError:
            yield mistake(too_deep(place), "")


def conditions(data: Any, path: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The conditions that a predicate joins, each with its place, by ``and``, ``or`` and ``not``.

    Examples
    --------
    >>> vip = {"node": "not", "of": {"node": "ref", "name": "vip"}}
    >>> [path for path, _ in conditions({"node": "and", "parts": [vip, vip]}, "predicate")]
    ['predicate.parts[0].of', 'predicate.parts[1].of']
    """
    kind = data.get("node") if isinstance(data, dict) else None
    parts = data.get("parts") if kind in ("and", "or") else None
    if depth < DEEP and isinstance(parts, list) and parts:
        for i, part in enumerate(parts):
            yield from conditions(part, f"{path}.parts[{i}]", depth + 1)
    elif depth < DEEP and kind == "not" and "of" in data:
        yield from conditions(data["of"], f"{path}.of", depth + 1)
    else:
        yield path, data
