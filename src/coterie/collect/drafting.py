"""A tracking plan out of the events that came: a first draft, to be read and edited."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import tomli_w

from coterie.collect.quality.observed import MOST, Observed
from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, Property, TrackingPlan


class Traffic:
    """What was seen of every event.

    Parameters
    ----------
    plan : TrackingPlan, optional
        The plan by which the events were stored: what it says is personal is drafted so.

    Examples
    --------
    >>> seen = Traffic()
    >>> for n in range(3):
    ...     seen.add(Event(source="web", message_id=str(n), name="Paid", occurred_at=0,
    ...                    received_at=0, properties={"pieces": n}))
    >>> pieces = seen.plan().events["Paid"].properties["pieces"]
    >>> pieces.type, pieces.required
    ('integer', True)
    """

    def __init__(self, plan: TrackingPlan | None = None) -> None:
        self._known = plan or TrackingPlan()
        self._events: dict[str, _Event] = {}

    def add(self, event: Event) -> None:
        """Look at one event as it is stored."""
        strict = event.type == "identify"
        self._of(event.name).add(event.properties, strict)

    def _of(self, name: str) -> _Event:
        if name not in self._events:
            self._events[name] = _Event()
        return self._events[name]

    def plan(self) -> TrackingPlan:
        """The plan that all of it fits, or nearly all.

        Notes
        -----
        Required is what 99 of 100 events have. Few texts that come again and again are an
        enumeration, unless they stand under a name that may be personal. Ranges are left out: the
        greatest value so far is no limit. A list of objects becomes lines.
        """
        found: dict[str, PlannedEvent] = {}
        for name in sorted(self._events):
            self._plan(name, self._events[name], found)
        return TrackingPlan(events=found)

    def _plan(self, name: str, seen: _Event, found: dict[str, PlannedEvent]) -> None:
        known = self._known.events.get(name, PlannedEvent())
        arrays = {array: known.explode.get(array, f"{name} Line") for array in seen.lines}
        properties = {
            prop: _declared(one, seen.n, known.properties.get(prop))
            for prop, one in sorted(seen.properties.items())
            if one.plain and prop not in arrays
        }
        inherit = tuple(prop for prop in known.inherit if prop in properties and arrays)
        found[name] = PlannedEvent(properties=properties, explode=arrays, inherit=inherit)
        for array, line in arrays.items():
            self._plan(line, seen.lines[array], found)
            given = {prop: properties[prop] for prop in inherit}
            own = given | found[line].properties
            found[line] = msgspec.structs.replace(found[line], properties=own)

    def toml(self, *, new: bool = False) -> str:
        """The plan as a file, with what was counted beside it.

        Parameters
        ----------
        new : bool
            Only events that the known plan does not have.
        """
        plan, lines = self.plan(), ["version = 1"]
        seen = self._all()
        for name, planned in plan.events.items():
            if not (new and name in self._known.events):
                lines += ["", *_event(name, planned, seen[name])]
        return "\n".join(lines) + "\n"

    def _all(self) -> dict[str, _Event]:
        """Every event and line by its name in the draft."""
        found = dict[str, _Event]()

        def add(name: str, seen: _Event) -> None:
            found[name] = seen
            known = self._known.events.get(name, PlannedEvent()).explode
            for array, inner in seen.lines.items():
                add(known.get(array, f"{name} Line"), inner)

        for name, seen in self._events.items():
            add(name, seen)
        return found


class _Event:
    """How often an event was seen, and what of each property."""

    def __init__(self) -> None:
        self.n = 0
        self.properties: dict[str, Observed] = {}
        self.lines: dict[str, _Event] = {}

    def add(self, values: dict[str, Any], strict: bool) -> None:
        self.n += 1
        for name, value in values.items():
            if name not in self.properties:
                self.properties[name] = Observed(name, strict)
            self.properties[name].add(value)
            if isinstance(value, list) and value and all(isinstance(i, dict) for i in value):
                line = self.lines.setdefault(name, _Event())
                for item in value:
                    line.add(item, strict)


def _declared(seen: Observed, n: int, known: Property | None) -> Property:
    if known is not None and known.pii != "none":
        seen.pii = known.pii
    return seen.declared(n)


def _event(name: str, planned: PlannedEvent, seen: _Event) -> Iterator[str]:
    key = _key(name)
    yield f"# {seen.n:,} seen"
    if planned.inherit:
        yield f"[events.{key}]"
        yield f"inherit = {_value(planned.inherit)}"
        yield ""
    yield f"[events.{key}.properties]"
    for prop, declared in planned.properties.items():
        told = _comment(seen.properties[prop], seen.n) if prop in seen.properties else "inherited"
        yield f"{_key(prop)} = {_inline(declared)}  # {told}"
    for prop in sorted(seen.properties):
        if prop not in planned.properties and prop not in planned.explode:
            yield f"# {_key(prop)}: an object or a list, which a plan cannot declare"
    if planned.explode:
        yield ""
        yield f"[events.{key}.explode]"
        for array, line in planned.explode.items():
            yield f"{_key(array)} = {_value(line)}"


def _comment(seen: Observed, n: int) -> str:
    said = [f"{seen.n / max(n, 1):.1%} of the events"]
    more, values = "at least " if len(seen.values) >= MOST else "", len(seen.values)
    said.append(f"{more}{values:,} value{'' if values == 1 else 's'}")
    if not seen.pii and seen.odd > 0:
        said.append(f"{seen.odd:.1%} of another type")
    return ", ".join(said)


def _inline(declared: Property) -> str:
    said: list[tuple[str, Any]] = [("type", declared.type)]
    said += [("scale", declared.scale)] if declared.scale else []
    said += [("pii", declared.pii)] if declared.pii != "none" else []
    said += [("format", declared.format)] if declared.format else []
    said += [("one_of", declared.one_of)] if declared.one_of else []
    said += [("required", True)] if declared.required else []
    return "{ " + ", ".join(f"{name} = {_value(value)}" for name, value in said) + " }"


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").strip()


def _key(name: str) -> str:
    return tomli_w.dumps({name: 0}).removesuffix(" = 0\n")
