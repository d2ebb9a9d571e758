"""What makes a set of definitions sound: an order without cycles, types, names, purposes."""

from __future__ import annotations

from collections.abc import Collection
from graphlib import CycleError, TopologicalSorter

from coterie.errors import Cycle, DefinitionError, NoPurpose, WrongType, nearest
from coterie.language import nodes as n
from coterie.language.definitions import Definition, Definitions, Segment, Stages, Trait
from coterie.language.inference import Scope, type_of
from coterie.language.leaves import unstorable
from coterie.language.tree import depth
from coterie.language.types import Boolean, Duration, Enumerated, Type

MOST_DEEP = 150
"""The deepest tree of a definition; every engine walks it on Python's stack."""


def references(definition: Definition) -> set[str]:
    """The names that a definition refers to directly."""
    return {node.name for node in n.walk(definition) if isinstance(node, n.Ref)}


def place(where: str, path: str) -> str:
    """File and line, then the path inside of the definition."""
    return ": ".join(filter(None, (where, path)))


def ordered(definitions: Definitions) -> tuple[tuple[str, ...], list[Cycle]]:
    """The names in dependency order, and every cycle; names of a cycle are left out of the order.

    Examples
    --------
    >>> from coterie.language.definitions import Trait
    >>> order, cycles = ordered(Definitions({"a": Trait(n.Ref("b")), "b": Trait(n.Truth(True))}))
    >>> order, cycles
    (('b', 'a'), [])
    """
    graph = {
        name: {ref for ref in references(definition) if ref in definitions.by_name}
        for name, definition in definitions.by_name.items()
    }
    cycles: list[Cycle] = []
    while True:
        try:
            return tuple(TopologicalSorter(graph).static_order()), cycles
        except CycleError as error:
            ring = list(reversed(error.args[1]))
            cycles.append(_cycle(ring, definitions))
            kept = graph.keys() - set(ring)
            graph = {name: graph[name] & kept for name in graph if name in kept}


def _cycle(ring: list[str], definitions: Definitions) -> Cycle:
    name = min(ring[:-1], key=list(definitions.by_name).index)
    start = ring.index(name)
    turned = [*ring[start:-1], *ring[: start + 1]]
    return Cycle(
        "definitions need each other" if len(turned) > 2 else "a definition needs itself",
        where=place(definitions.where.get(name, ""), name),
        got=" -> ".join(turned),
        hint="take one of them out of the other",
    )


def definition_type(name: str, definition: Definition, scope: Scope) -> Type:
    """The type of a definition's value.

    Raises
    ------
    DefinitionError
        Naming the place of its first part that cannot be meant.
    """
    if depth(definition) > MOST_DEEP:
        raise DefinitionError(
            "a definition is nested too deeply",
            where=name,
            got=f"{depth(definition)} levels",
            expected=f"at most {MOST_DEEP}",
            hint="name a part of it as a trait, and refer to that",
        )
    if any(isinstance(node, n.Clock) for node in n.walk(definition)):
        raise WrongType(
            "the clock cannot be written in a definition",
            where=name,
            hint="compare an age with a duration: x.age() < days(30)",
        )
    match definition:
        case Trait(value):
            return _trait(type_of(value, scope, name), name)
        case Segment(predicate):
            return _boolean(predicate, scope, name)
        case Stages():
            _stage_names(definition, name)
            for stage in definition.stages:
                _boolean(stage.predicate, scope, f"{name}[{stage.name}]")
            return Enumerated(definition.options, definition.ordered)


def _trait(kind: Type, name: str) -> Type:
    if isinstance(kind, Duration):
        raise WrongType(
            "an age or duration is no value of a trait",
            where=name,
            got=str(kind),
            hint="step it: age(step=days(1)), or compare it with a duration",
        )
    return kind


def _boolean(predicate: n.Expr, scope: Scope, path: str) -> Type:
    kind = type_of(predicate, scope, path)
    if kind != Boolean():
        raise WrongType(
            "a predicate is true or false", where=path, got=str(kind), expected="boolean"
        )
    return kind


def _stage_names(definition: Stages, name: str) -> None:
    names = [stage.name for stage in definition.stages] + [definition.otherwise]
    if len(names) < 2:
        raise DefinitionError("stages need one besides `otherwise`", where=name)
    if len(set(names)) < len(names):
        raise DefinitionError("two stages have one name", where=name, got=", ".join(names))
    if not all(names) or any(unstorable(each) for each in names):
        raise DefinitionError(
            "a stage has no name, or one that cannot be stored", where=name, got=repr(names)
        )


def check_purpose(purpose: str, known: Collection[str]) -> None:
    """Refuse a purpose that the project does not declare.

    Raises
    ------
    NoPurpose
        With the nearest declared one.
    """
    if purpose not in known:
        raise NoPurpose(
            f"the project declares no purpose {purpose!r}" if purpose else "no purpose is given",
            hint=nearest(purpose, known),
        )
