"""The least that hosts a stream engine: it keeps a log's bookkeeping and calls the engine.

It may feed by batches, move the clock by small steps, bound the deadlines of one call, and put
the engine away and take it up again; none of that may be seen in what comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import ibis
import pyarrow as pa

from coterie.engines.reference import Fact, Value
from coterie.engines.reference.evaluation import convert
from coterie.engines.sql.sources import column, ibis_type
from coterie.engines.stream import StreamEngine
from coterie.language.plan import TrackingPlan
from coterie.language.types import Type
from tests.stream.oracle import Change
from tests.stream.story import Arrived, Edited, Entry, Refitted, Story, Ticked, World, told

Needs = Mapping[str, Mapping[str, Type]]
Rows = Iterable[tuple[str, Fact]]
"""Profiles and their facts."""


def table(plan: TrackingPlan, name: str, kinds: Mapping[str, Type], rows: Rows) -> pa.Table:
    """The facts of one name as the engine takes them."""
    chosen = [(who, fact) for who, fact in rows if fact.name == name]
    arrays = {
        "profile": pa.array([who for who, _ in chosen], pa.string()),
        "at": pa.array([fact.at for _, fact in chosen], pa.int64()),
        "key": pa.array([fact.key for _, fact in chosen], pa.binary(16)),
    }
    for prop, kind in kinds.items():
        declared = plan.kind(name, prop)
        given = [convert(fact.values.get(prop), declared, kind) for _, fact in chosen]
        arrays[column(prop)] = pa.array(given, ibis.dtype(ibis_type(kind)).to_pyarrow())
    return pa.table(arrays)


def tables(plan: TrackingPlan, needs: Needs, rows: Rows) -> dict[str, pa.Table]:
    """The facts of every name that an engine needs."""
    rows = list(rows)
    return {name: table(plan, name, kinds, rows) for name, kinds in needs.items()}


def needed(engine: StreamEngine) -> Needs:
    """What a host feeds: every event, since whoever has one is somebody, and what is read of it."""
    read = engine.needs()
    return {name: read.get(name, {}) for name in engine.library.plan.events}


@dataclass(frozen=True)
class Manner:
    """How a host goes about it; nothing of this may change an answer.

    Parameters
    ----------
    seed : int
        For the cuts between batches, the steps of the clock and the restarts.
    batched : bool
        Feed several events at once, and rebuild after them.
    bounded : bool
        Move the clock by steps, each with a bounded number of deadlines a call.
    restarts : bool
        Put the engine away now and then, and take it up from what was saved.
    partitions : int
    budget : int or None
        Bytes a person; None for the engine's own.
    """

    seed: int = 0
    batched: bool = False
    bounded: bool = False
    restarts: bool = False
    partitions: int = 1
    budget: int | None = None

    @property
    def limits(self) -> dict[str, int]:
        """What an engine is to keep to."""
        return {} if self.budget is None else {"budget": self.budget}


def opened(world: World, manner: Manner) -> StreamEngine:
    """An engine that knows nobody."""
    return StreamEngine(
        world.library,
        world.clock,
        fits=world.fits,
        offset=world.offset,
        partitions=manner.partitions,
        **manner.limits,
    )


@dataclass
class Host:
    """Drives an engine through a story.

    Parameters
    ----------
    story : Story
    start : int
        So many entries are history at the hand-off.
    manner : Manner
    changes : list of Change
        What came out so far, in the order it came.
    """

    story: Story
    start: int = 0
    manner: Manner = field(default_factory=Manner)
    changes: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = Random(self.manner.seed)
        self.world = told(self.story.entries[: self.start], World.before(self.story))
        self.engine = opened(self.world, self.manner)
        self._rebuild(dict.fromkeys(self.world.profiles(), "start"))
        self.changes += drained(self.engine)

    def run(self) -> Iterator[tuple[Entry, ...]]:
        """The entries after the start, in batches; each is handled when it is yielded."""
        for batch in self._batches(self.story.entries[self.start :]):
            self._take(batch)
            self.changes += drained(self.engine)
            if self.manner.restarts and self._random.random() < 0.3:
                self.restart()
            yield batch

    def finish(self) -> Host:
        """Go through all of it."""
        for _ in self.run():
            pass
        return self

    def restart(self) -> None:
        """Put the engine away and take it up again."""
        saved = self.engine.save()
        self.engine = StreamEngine.load(
            saved, self.world.library, fits=self.world.fits, **self.manner.limits
        )

    # --- one batch --------------------------------------------------------------------------

    def _batches(self, entries: Sequence[Entry]) -> Iterator[tuple[Entry, ...]]:
        batch: list[Entry] = []
        for entry in entries:
            together = isinstance(entry, Arrived) and self.manner.batched
            if batch and not (together and self._random.random() < 0.7):
                yield tuple(batch)
                batch = []
            batch.append(entry)
            if not together:
                yield tuple(batch)
                batch = []
        if batch:
            yield tuple(batch)

    def _take(self, batch: Sequence[Entry]) -> None:
        match batch[0]:
            case Arrived():
                self._feed([entry for entry in batch if isinstance(entry, Arrived)])
            case Ticked():
                told(batch, self.world)
                self._advance(self.world.clock)
            case Edited(offset, library):
                self.warm()
                needs = self.engine.edit_needs(library)
                told(batch, self.world)
                given = self._tables(needs, self.world.profiles()) if needs else None
                self.engine.edit(library, given, fits=self.world.fits, offset=offset)
            case Refitted(offset):
                told(batch, self.world)
                self.warm()
                self.engine.refit(self.world.fits, offset=offset)
            case entry:
                self._rebuild(self.world.take(entry))

    def _feed(self, batch: Sequence[Arrived]) -> None:
        """New events go to the engine; what it finds late, and what was superseded, is rebuilt."""
        fresh, superseding = [], {}
        for entry in batch:
            known = len(self.world.known)
            changed = self.world.take(entry)
            added = self.world.known.get(entry.fact.key) is entry
            if added and len(self.world.known) == known:
                superseding |= changed
            elif added:
                fresh.append((self.world.profile(entry.device), entry.fact))
        for name, given in tables(self.world.library.plan, needed(self.engine), fresh).items():
            if given.num_rows:
                self.engine.feed(name, given)
        self._rebuild(self.engine.stale() | superseding)

    def _advance(self, t: int) -> None:
        if not self.manner.bounded:
            self.warm(t)
            assert self.engine.advance(t, offset=self.world.offset)
            return
        before = self.engine.clock
        steps = sorted(self._random.randint(before, t) for _ in range(self._random.randint(0, 2)))
        for step in (*steps, t):
            while not self._step(step):
                self._glance()

    def _step(self, t: int) -> bool:
        """One bounded call."""
        self.warm(t)
        return self.engine.advance(t, offset=self.world.offset, limit=self._random.randint(1, 3))

    def _glance(self) -> None:
        """Read somebody while deadlines are due: theirs are acted on before that."""
        if self._random.random() < 0.5:
            self.warm()
            names, everyone = self.world.library.names, self.world.everyone()
            self.engine.read(names, self._random.sample(everyone, min(1, len(everyone))))

    def _rebuild(self, causes: Mapping[str, str]) -> None:
        for cause in sorted(set(causes.values())):
            profiles = sorted(who for who, why in causes.items() if why == cause)
            given = self._tables(needed(self.engine), profiles)
            self.engine.rebuild(profiles, given, cause=cause, offset=self.world.offset)

    def _tables(self, needs: Needs, profiles: Sequence[str]) -> dict[str, pa.Table]:
        rows = [(who, fact) for who in profiles for fact in self.world.history(who)]
        return tables(self.world.library.plan, needs, rows)

    def warm(self, t: int | None = None) -> None:
        """Give those their state back who are over their budget and wanted."""
        cold = self.engine.cold(t)
        self.engine.warm(cold, self._tables(needed(self.engine), cold))

    # --- what can be asked ------------------------------------------------------------------

    def values(self) -> dict[str, dict[str, Value]]:
        """Profile -> name -> value, of everyone at the clock."""
        self.warm()
        rows = self.engine.read(self.world.library.names).to_pylist()
        found = {row.pop("profile"): row for row in rows}
        assert len(found) == len(rows), "a profile was told twice"
        return found

    def members(self) -> set[tuple[str, str, str]]:
        """Profile, segment and stage of every membership."""
        found = self.engine.members()
        rows = [tuple(row[key] for key in ("profile", "segment", "stage"))
                for row in found.to_pylist()]  # fmt: skip
        assert len(set(rows)) == len(rows), "a membership was told twice"
        return set(rows)

    def digest(self) -> str:
        """The hash of all state."""
        self.warm()
        return self.engine.digest()


def drained(engine: StreamEngine) -> list[Change]:
    """The change records since the last call, in the order of their contract."""
    found = engine.changes()
    found = found.set_column(found.schema.get_field_index("at"), "at", found["at"].cast(pa.int64()))
    return sorted(map(_change, found.to_pylist()))


def _change(row: dict[str, Any]) -> Change:
    enters = {"exited": False, "entered": True}[row["change"]]
    first, last = (row["offset"], row["at"], row["profile"]), (row["segment"], row["stage"])
    return Change(*first, enters, *last, row["cause"], row["reason"])
