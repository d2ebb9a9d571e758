"""Reading sample profiles: people with their events, and what is expected of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from coterie.collect.gate import REASONS, Gate
from coterie.engines.fits import Fit
from coterie.engines.reference import Value
from coterie.errors import DefinitionError, UnknownName, WrongType, nearest
from coterie.language.events import Event
from coterie.language.library import Library
from coterie.language.plan import PlannedEvent, TrackingPlan
from coterie.language.time import iso
from coterie.language.types import Type
from coterie.project import instants
from coterie.project.samples.document import Document, mapping, sequence
from coterie.project.samples.parameters import given
from coterie.project.samples.values import meant

SOURCE = "samples"


class Expected(msgspec.Struct, frozen=True):
    """One value expected of a person; `value` in the engines' units."""

    person: str
    at: int
    name: str
    value: Value
    kind: Type
    where: str


class Samples(msgspec.Struct, frozen=True):
    """A file of sample profiles: events in the order written, expectations, given parameters."""

    people: tuple[str, ...]
    events: list[Event]
    expected: list[Expected]
    fits: list[Fit]


class Reader:
    """Reads a file of sample profiles against the project's plan and definitions.

    Parameters
    ----------
    path : Path
    shown : str
        What errors call the file.
    library : Library
        The definitions, with permissions.
    names : sequence of str
        What may be expected of people.
    zone : ZoneInfo
        Of clocks that name no offset.
    """

    def __init__(
        self, path: Path, shown: str, library: Library, names: Sequence[str], zone: ZoneInfo
    ) -> None:
        self.document = Document(path, shown)
        self.library = library
        self.plan: TrackingPlan = library.plan
        self.gate = Gate(self.plan)
        self.names = names
        self.zone = zone

    def read(self) -> Samples:
        """Everything that the file says.

        Raises
        ------
        DefinitionErrors
            With every error of the file, each with its line and the nearest right name.
        """
        root: dict[str, Any] = {}
        with self.document.reading(""):
            root = mapping(self.document.root, ("fitted", "people"))
        fits = list(self._fitted(root.get("fitted")))
        people: dict[str, Any] = {}
        with self.document.reading("people"):
            people = mapping(root.get("people"))
            if not people and not self.document.wrong:
                raise WrongType("there is nobody to try", expected="people: with a name and events")
        events, expected = list[Event](), list[Expected]()
        for person, said in people.items():
            with self.document.reading(f"people.{person}"):
                said = mapping(said, ("events", "expect"))
                events += self._events(person, said.get("events"))
                expected += self._expected(person, said.get("expect"))
        self.document.finish()
        return Samples(tuple(people), events, expected, fits)

    def _fitted(self, said: Any) -> Iterator[Fit]:
        with self.document.reading("fitted"):
            for name, value in mapping(said).items():
                with self.document.reading(f"fitted.{name}"):
                    yield given(self.library, name, value, self.zone)

    def _events(self, person: str, said: Any) -> Iterator[Event]:
        path, seen = f"people.{person}.events", set[str]()
        with self.document.reading(path):
            for i, one in enumerate(sequence(said)):
                with self.document.reading(f"{path}[{i}]"):
                    yield self._event(person, f"{path}[{i}]", i, one, seen)

    def _event(self, person: str, path: str, i: int, said: Any, seen: set[str]) -> Event:
        said = mapping(said, ("name", "at", "properties", "id", "supersedes"))
        planned = self._planned(said.get("name"))
        properties = {}
        with self.document.reading(f"{path}.properties"):
            properties = self._properties(mapping(said.get("properties")), planned)
        message = str(said.get("id", f"#{i + 1}"))
        if message in seen:
            raise DefinitionError("two events of one person have this id", got=repr(message))
        former = None if said.get("supersedes") is None else str(said["supersedes"])
        if former is not None and former not in seen:
            raise UnknownName(
                f"no earlier event of this person has the id {former!r}", hint=nearest(former, seen)
            )
        seen.add(message)
        at = self._instant(said.get("at"))
        event = Event(
            source=SOURCE,
            message_id=f"{person}/{message}",
            name=said["name"],
            occurred_at=at,
            received_at=at,
            user_id=person,
            properties=properties,
            supersedes=None if former is None else f"{person}/{former}",
        )
        return self._admitted(event, path)

    def _admitted(self, event: Event, path: str) -> Event:
        judged = self.gate.judge(event, event.occurred_at)
        if judged.refused is not None:
            below, _, types = judged.refused[1].partition(": ")
            told = f"an import would refuse this: {REASONS[judged.refused[0]]}"
            with self.document.reading(f"{path}.{below}"):
                raise WrongType(told, expected=types)
        return judged.event

    def _planned(self, name: Any) -> PlannedEvent:
        if name not in self.plan.events:
            raise UnknownName(
                f"the tracking plan has no event {name!r}",
                hint=nearest(str(name), self.plan.events),
            )
        return self.plan.events[name]

    def _properties(self, said: dict[str, Any], planned: PlannedEvent) -> dict[str, Any]:
        known = {*planned.properties, *planned.explode}
        for name in said:
            if name not in known:
                raise UnknownName(f"the event has no property {name!r}", hint=nearest(name, known))
        return {name: self._property(name, value, planned) for name, value in said.items()}

    def _property(self, name: str, value: Any, planned: PlannedEvent) -> Any:
        if name in planned.explode:
            line = self._planned(planned.explode[name])
            return [self._properties(mapping(item), line) for item in sequence(value)]
        if planned.properties[name].type == "instant" and isinstance(value, str):
            return iso(instants.parse(value, self.zone))
        return value

    def _expected(self, person: str, said: Any) -> Iterator[Expected]:
        path = f"people.{person}.expect"
        several = said if isinstance(said, list) else [said] if said is not None else []
        for i, one in enumerate(several):
            here = f"{path}[{i}]" if isinstance(said, list) else path
            with self.document.reading(here):
                one = dict(mapping(one))
                at = self._instant(one.pop("at", None))
                for name, value in one.items():
                    with self.document.reading(f"{here}.{name}"):
                        yield self._value(person, at, name, value, f"{here}.{name}")

    def _value(self, person: str, at: int, name: str, said: Any, path: str) -> Expected:
        if name not in self.names:
            raise UnknownName(f"nothing is named {name!r}", hint=nearest(name, self.names))
        kind = self.library.type(name)
        value = meant(said, kind, self.zone)
        return Expected(person, at, name, value, kind, self.document.place(path))

    def _instant(self, said: Any) -> int:
        if not isinstance(said, str):
            raise WrongType("an instant is missing", expected="at: 2011-12-10T09:30+01:00")
        return instants.parse(said, self.zone)
