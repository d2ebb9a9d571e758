"""Definitions as plain data (mappings, lists, texts, numbers) and back to an equal tree.

A node is a mapping: ``node`` says its kind, then come its fields in the order of their
declaration, those at their defaults left out. Where a place takes one kind only (a branch of a
case, a stage), ``node`` is left out as well. Durations and instants are ISO 8601 texts; a number
is a number where every reader reads it exactly, and else a text of its digits.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import msgspec

from coterie.errors import DefinitionError, UnknownName, WrongType, nearest
from coterie.language import definitions as d
from coterie.language import nodes as n
from coterie.language.time import iso, iso_duration, micros, parse_duration, parse_instant
from coterie.language.tree import Node

__all__ = ["from_data", "to_data"]

SAFE_INTEGER = 2**53
"""Whole numbers below this are exact in every reader of JSON and YAML."""

KINDS: tuple[type[Node], ...] = (
    *n.SELECTIONS,
    *n.EXPRESSIONS,
    n.When,
    d.Stage,
    d.Trait,
    d.Segment,
    d.Stages,
)
BY_TAG: dict[str, type[Node]] = {str(kind.__struct_config__.tag): kind for kind in KINDS}


def to_data(node: Node) -> dict[str, Any]:
    """A node as mappings, lists, texts, booleans and numbers (int or Decimal).

    Examples
    --------
    >>> to_data(n.Count(n.Named("Order Completed"), within=timedelta(days=30)))
    {'node': 'count', 'of': {'node': 'event', 'event': 'Order Completed'}, 'within': 'P30D'}
    """
    return {"node": node.__struct_config__.tag} | _fields(node)


def _fields(node: Node) -> dict[str, Any]:
    return {
        field.name: _plain(value, field.type)
        for field in _declared(type(node))
        if (value := getattr(node, field.name)) != field.default
    }


def _plain(value: Any, kind: Any) -> Any:
    match value:
        case Node():
            return _fields(value) if _only(kind) else to_data(value)
        case tuple():
            return [_plain(each, get_args(kind)[0]) for each in value]
        case Decimal():
            return _number(value)
        case timedelta():
            return iso_duration(value)
        case datetime():
            return iso(micros(value))
    return value


def _number(value: Decimal) -> int | Decimal | str:
    """A number where a 64-bit float of it writes the same digits, else a text."""
    if value == value.to_integral_value():
        return int(value) if abs(value) < SAFE_INTEGER else str(value)
    return value if Decimal(repr(float(value))) == value else f"{value:f}"


# --- reading ----------------------------------------------------------------------------------


def from_data(data: Any, kind: Any = d.Definition, where: str = "") -> Any:
    """The node that plain data says.

    Parameters
    ----------
    data : mapping
        As `to_data` writes it; numbers may be int, Decimal or text, floats by their digits.
    kind : type
        What may stand here: a node class or a union of them.
    where : str
        The place, for errors: ``vip.predicate``.

    Raises
    ------
    UnknownName
        No node or field has this name; the hint is the nearest that has.
    WrongType
        Another node or value than the place takes.
    DefinitionError
        A field is missing.

    Examples
    --------
    >>> from_data({"node": "not", "of": {"node": "ref", "name": "vip"}}, n.Expr)
    Not(of=Ref(name='vip'))
    """
    if get_origin(kind) is Literal:
        return _one_of(data, get_args(kind), where)
    if get_origin(kind) is tuple:
        return _several(data, get_args(kind)[0], where)
    kinds = [each for each in get_args(kind) or (kind,) if each is not NoneType]
    if data is None and NoneType in get_args(kind):
        return None
    if issubclass(kinds[0], Node):
        return _node(data, kinds, where)
    return _SCALARS[kinds[0]](data, where)


@cache
def _declared(kind: type[Node]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(kind)


def _only(kind: Any) -> bool:
    """Whether the place takes one class of node."""
    return isinstance(kind, type) and issubclass(kind, Node)


def _node(data: Any, kinds: list[type[Node]], where: str) -> Node:
    if not isinstance(data, dict):
        raise _wrong("a node is a mapping", where, data, "node: … and its fields")
    kind = _kind(data, kinds, where)
    declared = {field.name: field for field in _declared(kind)}
    tag = kind.__struct_config__.tag
    for key in data:
        if key != "node" and key not in declared:
            raise UnknownName(
                f"{tag!r} has no field {key!r}", where=where, hint=nearest(str(key), declared)
            )
    for name, field in declared.items():
        if field.required and name not in data:
            raise DefinitionError(
                f"{tag!r} needs {name!r}", where=where, expected=", ".join(declared)
            )
    values = {
        name: from_data(data[name], field.type, f"{where}.{name}")
        for name, field in declared.items()
        if name in data
    }
    return _built(kind, values, where)


def _kind(data: dict[Any, Any], kinds: list[type[Node]], where: str) -> type[Node]:
    tags = {str(kind.__struct_config__.tag): kind for kind in kinds}
    if "node" not in data:
        if len(kinds) == 1:
            return kinds[0]
        raise DefinitionError(
            "a node does not say its kind",
            where=where,
            expected=f"node: one of {', '.join(sorted(tags))}",
        )
    tag = data["node"]
    if not isinstance(tag, str) or tag not in BY_TAG:
        raise UnknownName(f"no node {tag!r}", where=where, hint=nearest(str(tag), tags))
    if tag not in tags:
        raise WrongType(f"{tag!r} cannot stand here", where=where, expected=", ".join(sorted(tags)))
    return tags[tag]


def _built(kind: type[Node], values: dict[str, Any], where: str) -> Node:
    try:
        return kind(**values)
    except DefinitionError as error:
        error.where = where
        raise


def _several(data: Any, kind: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise _wrong("a list is needed", where, data, "a list")
    return tuple(from_data(each, kind, f"{where}[{i}]") for i, each in enumerate(data))


def _one_of(data: Any, options: tuple[Any, ...], where: str) -> Any:
    if data not in options:
        raise UnknownName(
            f"{data!r} is none of {', '.join(options)}",
            where=where,
            hint=nearest(str(data), options),
        )
    return data


def _wrong(what: str, where: str, data: Any, expected: str, hint: str = "") -> WrongType:
    said = {dict: "mapping", list: "list", str: "text", type(None): "nothing", bool: "boolean"}
    got = said.get(type(data), type(data).__name__)
    return WrongType(what, where=where, got=got, expected=expected, hint=hint)


def _text(data: Any, where: str) -> str:
    if not isinstance(data, str):
        raise _wrong("a text is needed", where, data, "text", "write it in quotation marks")
    return data


def _boolean(data: Any, where: str) -> bool:
    if not isinstance(data, bool):
        raise _wrong("true or false is needed", where, data, "true or false")
    return data


def _whole(data: Any, where: str) -> int:
    if isinstance(data, bool) or not isinstance(data, int):
        raise _wrong("a whole number is needed", where, data, "a whole number")
    return data


def _decimal(data: Any, where: str) -> Decimal:
    if isinstance(data, bool) or not isinstance(data, int | float | Decimal | str):
        raise _wrong("a number is needed", where, data, "a number")
    try:
        return Decimal(str(data) if isinstance(data, float) else data)
    except ArithmeticError:
        raise _wrong("a number is needed", where, data, "a number such as 12.50") from None


def _iso(read: Callable[[str], Any], example: str) -> Callable[[Any, str], Any]:
    def from_text(data: Any, where: str) -> Any:
        try:
            return read(_text(data, where))
        except ValueError:
            raise _wrong("not ISO 8601", where, data, f"a text such as {example}") from None

    return from_text


_SCALARS: dict[type, Callable[[Any, str], Any]] = {
    str: _text,
    bool: _boolean,
    int: _whole,
    Decimal: _decimal,
    timedelta: _iso(parse_duration, "P30D or PT30M"),
    datetime: _iso(parse_instant, "2011-12-10T00:00:00Z"),
}
