"""One person's answer out of the memory of a stream, from any thread."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal as Amount
from typing import Any

import msgspec
import numpy as np

from coterie.engines.stream import StreamEngine
from coterie.engines.stream import layout as y
from coterie.engines.stream.partition import Partition
from coterie.engines.stream.texts import Texts
from coterie.engines.stream.whole import real
from coterie.language.time import from_micros
from coterie.language.types import (
    Boolean,
    Decimal,
    Enumerated,
    Instant,
    ListOf,
    Real,
    Text,
    Type,
)
from coterie.profiles.live.host import Host
from coterie.profiles.live.since import Since
from coterie.profiles.questions import Questions


class Profile(msgspec.Struct, frozen=True):
    """One person at one position of the stream.

    Parameters
    ----------
    profile : str
        The pseudonym: that of the user, where a device's was asked for.
    clock, offset : int
        The position; the clock is microseconds UTC.
    traits : dict
        Name -> value; decimals are exact, instants aware UTC, unknown is None.
    memberships : dict of str to int or None
        Each segment that holds, since when (microseconds UTC), None where no record says so.
    stages : dict of str to str or None
        Each set of stages with the stage that holds.
    may : dict of str to bool
        Purpose -> whether the person may be used for it.
    """

    profile: str
    clock: int
    offset: int
    traits: dict[str, Any]
    memberships: dict[str, int | None]
    stages: dict[str, str | None]
    may: dict[str, bool]


class Reading:
    """Reads people of a host between two changes of its engine.

    Parameters
    ----------
    host : Host
    since : Since
        When everybody entered each segment and stage last.
    """

    def __init__(self, host: Host, since: Since) -> None:
        self._host = host
        self.since = since
        self._made: tuple[StreamEngine, Questions, Layout] | None = None

    def profile(self, person: str) -> Profile | None:
        """A person by the pseudonym of a user or an anonymous id; None for nobody.

        Deadlines up to the clock are acted on first, whatever a step left.
        """
        host = self._host
        with host.lock:
            profile = host.facts.known.of(None, person) or person
            engine, at = host.engine, host.engine.people.known(profile)
            if at is None:
                return None
            part, layout = engine.parts[at[0]], self._layout()
            found = part.answer_one(at[1], layout.places, engine.clock)
            if found is None:
                self._warm(part, at[1], profile)
                found = _registers(engine, part, at[1], layout.places)
            if found is None:
                return None
            values = layout.values(found, engine.texts, part)
            clock, offset = engine.clock, engine.offset
        return layout.profile(profile, clock, offset, values, self.since.of)

    def _layout(self) -> Layout:
        engine, questions = self._host.engine, self._host.questions
        if self._made is None or self._made[:2] != (engine, questions):
            self._made = engine, questions, Layout(engine, questions)
        return self._made[2]

    def _warm(self, part: Partition, number: int, profile: str) -> None:
        """Give back a state that was let go; the next step lets go of it again."""
        if part.memory[part.rows[number] + y.SEEN] & y.COLD:
            self._host.warm_one(profile)


class Layout:
    """Where the registers of definitions lie, and how each is read.

    Parameters
    ----------
    engine : StreamEngine
    questions : Questions
    """

    def __init__(self, engine: StreamEngine, questions: Questions) -> None:
        library = questions.asked
        self._traits = [*questions.library.traits]
        self._segments = [*questions.library.segments]
        self._stages = [*questions.library.stages]
        self._may = questions.may
        self._names = questions.names
        kinds = [library.type(name) for name in self._names]
        self._readers = [reader(kind) for kind in kinds]
        registers = [engine.program.results[name] for name in self._names]
        self.places = np.array(registers, np.int64)

    def values(self, found: list[int], texts: Texts, part: Partition) -> dict[str, Any]:
        """Values as people see them, by name."""
        each = zip(self._names, self._readers, found[::2], found[1::2], strict=True)
        return {
            name: read(word, texts, part) if known else None for name, read, word, known in each
        }

    def profile(
        self,
        profile: str,
        clock: int,
        offset: int,
        values: dict[str, Any],
        since: Callable[[str, str], int | None],
    ) -> Profile:
        """The person as people see them."""
        return Profile(
            profile=profile,
            clock=clock,
            offset=offset,
            traits={name: values[name] for name in self._traits},
            memberships={n: since(profile, n) for n in self._segments if values[n] is True},
            stages={name: values[name] for name in self._stages},
            may={purpose: values[name] is True for purpose, name in self._may.items()},
        )


def _registers(engine: StreamEngine, part: Partition, number: int, places: Any) -> list[int] | None:
    """The registers of a person at the clock, once what is due is done; None of a stranger."""
    people = np.array([number], np.int64)
    if part.memory[part.rows[number] + y.DUE] <= engine.clock:
        engine.records.now = ("", engine.offset)
        part.force(people, engine.clock)
    if not part.memory[part.rows[number] + y.SEEN]:
        return None
    found: list[int] = part.answer(people, places, engine.clock).reshape(-1).tolist()
    return found


def reader(kind: Type) -> Callable[[int, Texts, Partition], Any]:
    """From a word of a register that is known to a value as people see it."""
    match kind:
        case ListOf(of):
            item = reader(of)
            return lambda at, texts, part: [
                item(word, texts, part)
                for word in part.memory[at + 1 : at + 1 + int(part.memory[at])].tolist()
            ]
        case Text() | Enumerated():
            return lambda code, texts, part: texts.text(code)
        case Real():
            return lambda word, texts, part: real(word)
        case Boolean():
            return lambda word, texts, part: word == 1
        case Decimal(scale):
            return lambda word, texts, part: Amount(word).scaleb(-scale)
        case Instant():
            return lambda word, texts, part: from_micros(word)
        case _:
            return lambda word, texts, part: word
