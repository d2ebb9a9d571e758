"""What definitions read: events, their properties, and each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from coterie.language import nodes as n
from coterie.language.checking import references
from coterie.language.definitions import Trait
from coterie.language.library import Library
from coterie.language.plan import TrackingPlan

JOINING = ("identify", "alias")
"""Events by which identifiers become one profile."""


@dataclass(frozen=True)
class Usage:
    """Who reads what.

    Parameters
    ----------
    events : dict of str to set of str
        Event -> the definitions that read it.
    properties : dict of (str, str) to set of str
        Event and property -> the definitions that read it.
    definitions : dict of str to set of str
        Definition -> those that refer to it directly.
    """

    events: dict[str, set[str]] = field(default_factory=dict)
    properties: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    definitions: dict[str, set[str]] = field(default_factory=dict)


def usage(library: Library) -> Usage:
    """What each definition of a library reads itself, not what it refers to.

    Notes
    -----
    Of a union every event counts as read, and a property for each event of the union that has it.
    A line event that is read makes a use of the array that it is exploded from, and of the
    properties that it inherits. `JOINING` events are read by whatever joins people's identifiers;
    names that begin with an underscore are not a user's.
    """
    found = Usage(events={event: {"identity"} for event in JOINING})
    for name in library:
        if name.startswith("_"):
            continue
        definition = library.definition(name)
        for referred in references(definition):
            found.definitions.setdefault(referred, set()).add(name)
        for event, prop in _read(definition, library.plan):
            found.events.setdefault(event, set()).add(name)
            if prop:
                found.properties.setdefault((event, prop), set()).add(name)
    return found


def events_of(library: Library, name: str) -> set[str]:
    """Every event that a definition rests on, by whatever it refers to."""
    nodes = n.walk(library.expanded(library.lowered[name]))
    return {node.event for node in nodes if isinstance(node, n.Named)}


def leaves(library: Library, name: str) -> set[n.Node]:
    """Every aggregate that a definition rests on, by whatever it refers to."""
    nodes = n.walk(library.expanded(library.lowered[name]))
    return {node for node in nodes if isinstance(node, n.Aggregate)}


def _read(definition: n.Node, plan: TrackingPlan) -> Iterator[tuple[str, str]]:
    """Each event with ``""``, and each with each of its properties that is read."""
    for node in n.walk(definition):
        match node:
            case n.Named(event):
                yield event, ""
                yield from _behind(event, "", plan)
            case n.Where(of, that):
                yield from _properties(of, that, plan)
            case n.Aggregate():
                for part in ("value", "weight"):
                    if (value := getattr(node, part, None)) is not None:
                        yield from _properties(node.of, value, plan)


def _properties(of: n.Node, value: n.Node, plan: TrackingPlan) -> Iterator[tuple[str, str]]:
    names = {node.name for node in n.walk(value) if isinstance(node, n.Property)}
    for event in {node.event for node in n.walk(of) if isinstance(node, n.Named)}:
        for name in names:
            if event in plan.events and name in plan.events[event].properties:
                yield event, name
                yield from _behind(event, name, plan)


def _behind(line: str, name: str, plan: TrackingPlan) -> Iterator[tuple[str, str]]:
    """What of the events that a line event is exploded from is read with it."""
    for event, planned in plan.events.items():
        for array, exploded in planned.explode.items():
            if exploded == line:
                yield event, array
                if name in planned.inherit:
                    yield event, name


def segmented(library: Library) -> set[str]:
    """The traits that decide a segment or stage, directly or through other definitions."""
    groups = [*library.segments, *library.stages]
    needed = set(library.needs(groups))
    return {name for name in needed if isinstance(library.definition(name), Trait)}
