"""What every node of the language is, and how a tree of them is walked and rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec

__all__ = ["Node", "depth", "parts", "rebuild", "walk"]


class Node(msgspec.Struct, frozen=True, tag_field="node", omit_defaults=True):
    """Any part of a definition: immutable, and equal to another of the same structure."""


N = TypeVar("N", bound=Node)


def parts(node: Node) -> Iterator[tuple[str, Node]]:
    """Every child with its place: ``("left", …)``, ``("parts[1]", …)``."""
    for field in node.__struct_fields__:
        value = getattr(node, field)
        if isinstance(value, Node):
            yield field, value
        elif isinstance(value, tuple):
            yield from ((f"{field}[{i}]", v) for i, v in enumerate(value) if isinstance(v, Node))


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first."""
    todo = [node]
    while todo:
        each = todo.pop()
        yield each
        todo.extend(reversed([child for _, child in parts(each)]))


def depth(node: Node) -> int:
    """How many nodes stand on the longest way down, this one included."""
    level, deepest = [node], 0
    while level:
        level = [child for each in level for _, child in parts(each)]
        deepest += 1
    return deepest


def rebuild(node: N, change: Callable[[Any], Any]) -> N:
    """The same node with `change` applied to each direct child."""
    new: dict[str, Any] = {}
    for field in node.__struct_fields__:
        value = getattr(node, field)
        if isinstance(value, Node):
            new[field] = change(value)
        elif isinstance(value, tuple):
            new[field] = tuple(change(v) if isinstance(v, Node) else v for v in value)
    return msgspec.structs.replace(node, **new) if new else node
