"""Canonical JSON and YAML of definitions, which read back to equal trees.

A document maps each name to its definition (:mod:`coterie.language.data`). YAML is read by few
rules: ``true`` and ``false`` are booleans, decimal numbers are exact numbers, and every other
plain word is text, so that ``no``, ``on``, ``12:30`` and ``2011-12-10`` are not made into
something else. A key that stands twice in a mapping is refused, and so are aliases and tags.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
import yaml

from coterie.errors import DefinitionError, DefinitionErrors, DuplicateName
from coterie.language.data import from_data, to_data
from coterie.language.definitions import Definitions
from coterie.language.yamltext import Places, dumped, parsed

__all__ = ["from_json", "from_yaml", "to_json", "to_yaml"]

MAX_BYTES = 10_000_000
"""A longer document is refused: no set of definitions is."""


def to_json(definitions: Definitions) -> str:
    """The canonical JSON: one text for equal definitions, in the order written.

    Examples
    --------
    >>> from coterie.language import nodes as n
    >>> from coterie.language.definitions import Trait
    >>> to_json(Definitions({"orders": Trait(n.Count(n.Named("Order Completed")))}))
    '{"orders":{"node":"trait","value":{"node":"count","of":{"node":"event",...}}}}'
    """
    return msgspec.json.Encoder(decimal_format="number").encode(_document(definitions)).decode()


def to_yaml(definitions: Definitions) -> str:
    """The canonical YAML, for people.

    Examples
    --------
    >>> from coterie.language import nodes as n
    >>> from coterie.language.definitions import Trait
    >>> from coterie.language.time import days
    >>> orders = Trait(n.Count(n.Named("Order Completed"), within=days(30)))
    >>> print(to_yaml(Definitions({"orders_30d": orders})))
    orders_30d:
      node: trait
      value:
        node: count
        of:
          node: event
          event: Order Completed
        within: P30D
    """
    return dumped(_document(definitions))


def _document(definitions: Definitions) -> dict[str, Any]:
    return {name: to_data(definition) for name, definition in definitions.by_name.items()}


def from_json(text: str | bytes, where: str = "") -> Definitions:
    """The definitions of a JSON document.

    Parameters
    ----------
    text : str or bytes
    where : str
        The file, for errors.

    Raises
    ------
    DefinitionErrors
        With every definition that cannot be read, each error naming its place.
    """
    _check_size(text, where)
    try:
        data = json.loads(
            text, parse_float=Decimal, parse_constant=Decimal, object_pairs_hook=_once
        )
    except (ValueError, RecursionError) as error:
        raise DefinitionErrors([_unreadable("JSON", where, error)]) from None
    except DuplicateName as error:
        error.where = where
        raise DefinitionErrors([error]) from None
    return _read(data, where, {})


def from_yaml(text: str | bytes, where: str = "") -> Definitions:
    """The definitions of a YAML document; each remembers its line.

    Parameters
    ----------
    text : str or bytes
    where : str
        The file, for errors.

    Raises
    ------
    DefinitionErrors
        With every definition that cannot be read, each error naming file, line and place.
    """
    _check_size(text, where)
    try:
        data, places = parsed(text, where)
    except DefinitionError as error:
        raise DefinitionErrors([error]) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DefinitionErrors([_unreadable("YAML", where, error)]) from None
    return _read(data, where, places)


def _check_size(text: str | bytes, where: str) -> None:
    if len(text) > MAX_BYTES:
        raise DefinitionErrors(
            [
                DefinitionError(
                    "the document is too long",
                    where=where,
                    got=f"{len(text):,}",
                    expected=f"at most {MAX_BYTES:,} bytes",
                ),
            ]
        )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise DuplicateName(f"{key!r} stands twice in one mapping", hint="rename one of them")
        found[key] = value
    return found


def _unreadable(form: str, where: str, error: Exception) -> DefinitionError:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark is not None else getattr(error, "lineno", None)
    said = getattr(error, "problem", None) or getattr(error, "msg", None)
    got = "nested too deeply" if isinstance(error, RecursionError) else said
    place = ":".join(filter(None, (where, str(line or ""))))
    return DefinitionError(f"this is not {form}", where=place, got=got or "other characters")


def _read(data: Any, where: str, places: Places) -> Definitions:
    found, errors = Definitions(), list[DefinitionError]()
    for name, value in _named(data, where).items():
        try:
            found.add(name, from_data(value, where=name), name)
            found.where[name] = _line(name, where, places)
        except DefinitionError as error:
            path = error.where or name
            error.where = ": ".join(filter(None, (_line(path, where, places), path)))
            errors.append(error)
        except RecursionError:
            errors.append(_deep(": ".join(filter(None, (where, name)))))
    if errors:
        raise DefinitionErrors(errors)
    return found


def _line(path: str, where: str, places: Places) -> str:
    """File and line of the innermost known place that holds `path`."""
    while path and path not in places:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    if not path:
        return where
    return f"{where}:{places[path]}" if where else f"line {places[path]}"


def _deep(where: str) -> DefinitionError:
    return DefinitionError(
        "a definition is nested too deeply", where=where, hint="name a part of it, and refer to it"
    )


def _named(data: Any, where: str) -> Mapping[str, Any]:
    if data is None:
        return {}
    if not isinstance(data, dict) or not all(isinstance(name, str) for name in data):
        raise DefinitionErrors(
            [
                DefinitionError(
                    "a document maps each name to its definition",
                    where=where,
                    got=type(data).__name__,
                    expected="name: {node: trait, …}",
                ),
            ]
        )
    return data
