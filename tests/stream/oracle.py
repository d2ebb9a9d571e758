"""What a log means, by the reference engine alone: values, memberships, and every change record.

Nothing of the stream is used here. Between two events of a profile its memberships change at the
instants that `coterie.profiles.why.deadlines` computes from the reference's state; at an event
the reference is asked once for that instant (law 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from coterie.engines.fits import Fits
from coterie.engines.reference import Evaluation, Fact, Value, evaluate
from coterie.language.library import Library
from coterie.profiles.why.deadlines import changes as changes_by_time
from tests.stream.story import Entry, Story, Ticked, World

Member = tuple[str, str]
"""Segment and stage; the stage is empty for a segment."""


class Change(NamedTuple):
    """One change record; ordered by log entry, then as the contract numbers them.

    The oracle gives no reason: it is the stream's account of how it came to the record.
    """

    offset: int
    at: int
    profile: str
    enters: bool
    segment: str
    stage: str
    cause: str
    reason: str = ""


def values(world: World) -> dict[str, dict[str, Value]]:
    """Profile -> name -> value, of everyone at the position of the world."""
    return {
        who: evaluate(
            world.library, world.library.names, world.history(who), world.offset, world.clock,
            world.fits,
        )
        for who in world.everyone()
    }  # fmt: skip


def members(found: dict[str, dict[str, Value]], library: Library) -> set[tuple[str, str, str]]:
    """The memberships that values state: profile, segment, stage."""
    return {(who, *each) for who, row in found.items() for each in memberships(row, library)}


def memberships(row: dict[str, Value], library: Library) -> frozenset[Member]:
    """Those of one profile."""
    segments = {(name, "") for name in library.segments if row[name] is True}
    return frozenset(segments | {(name, str(row[name])) for name in library.stages})


class Oracle:
    """Takes the entries of a log one by one, and says the change records of each.

    Parameters
    ----------
    story : Story
    start : int
        So many entries are history: the stream begins after them, with everyone entering for the
        cause ``start``.
    """

    def __init__(self, story: Story, start: int = 0) -> None:
        self.world = World.before(story)
        self.inside: dict[str, frozenset[Member]] = {}
        for entry in story.entries[:start]:
            self.world.take(entry)

    def start(self) -> list[Change]:
        """Everyone's entrances at the hand-off."""
        return sorted(self._differences(self.world.everyone(), "start"))

    def take(self, entry: Entry) -> list[Change]:
        """The change records that one more entry makes."""
        world = self.world
        if isinstance(entry, Ticked):
            since, _ = world.clock, world.take(entry)
            found = [c for who in world.profiles() for c in self._passed(who, since)]
            return sorted(found)
        before = world.library, world.fits
        causes = world.take(entry)
        if (world.library, world.fits) != before:
            cause = "edit" if world.library is not before[0] else "refit"
            causes = dict.fromkeys(world.everyone(), cause)
        return sorted(c for who, cause in causes.items() for c in self._differences([who], cause))

    def _differences(self, profiles: Iterable[str], cause: str) -> Iterator[Change]:
        """What an evaluation at the clock finds changed."""
        for who in profiles:
            life = Life(self.world, who)
            yield from self._moved(who, life.at(self.world.clock), self.world.clock, cause)

    def _passed(self, who: str, since: int) -> Iterator[Change]:
        """What happened to a profile while the clock moved from `since`."""
        for at, event, inside in Life(self.world, who).units(since):
            yield from self._moved(who, inside, at, "event" if event else "time")

    def _moved(self, who: str, now: frozenset[Member], at: int, cause: str) -> Iterator[Change]:
        before, self.inside[who] = self.inside.get(who, frozenset()), now
        for each in before - now:
            yield Change(self.world.offset, at, who, False, *each, cause)
        for each in now - before:
            yield Change(self.world.offset, at, who, True, *each, cause)


class Life:
    """The memberships of one profile over time, by what is known at one log offset."""

    def __init__(self, world: World, who: str) -> None:
        self.library = world.library
        self.end = world.clock
        self.offset = world.offset
        self.fits: Fits = world.fits
        self.facts = sorted(world.history(who), key=lambda fact: (fact.at, fact.key))

    def at(self, t: int, facts: list[Fact] | None = None) -> frozenset[Member]:
        """The memberships at an instant; none before the first event."""
        known = self.facts if facts is None else facts
        if not known or known[0].at > t:
            return frozenset()
        row = evaluate(self.library, self._names(), known, self.offset, t, self.fits)
        return memberships(row, self.library)

    def units(self, since: int) -> Iterator[tuple[int, bool, frozenset[Member]]]:
        """Each instant in ``(since, end]`` of an event or change: whether an event, and who is in.

        The instants are exact: those of facts, and between them those that follow from the state.
        """
        events = sorted({fact.at for fact in self.facts if since < fact.at <= self.end})
        for start, end in zip([since, *events], [*events, self.end + 1], strict=True):
            if start != since:
                yield start, True, self.at(start)
            known = [fact for fact in self.facts if fact.at <= start]
            for t in self._deadlines(known, start, end - 1):
                yield t, False, self.at(t, known)

    def _deadlines(self, known: list[Fact], start: int, end: int) -> list[int]:
        """The instants in ``(start, end]`` at which time alone changes something."""
        if not known or start >= end:
            return []

        @cache
        def at(t: int) -> Evaluation:
            return Evaluation(self.library, known, self.offset, t, self.fits)

        lowered, expanded = self.library.lowered, self.library.expanded
        return sorted({
            t
            for name in self._names()
            for t in changes_by_time(lowered[name], expanded(lowered[name]), at, start, end)
        })  # fmt: skip

    def _names(self) -> tuple[str, ...]:
        return (*self.library.segments, *self.library.stages)
