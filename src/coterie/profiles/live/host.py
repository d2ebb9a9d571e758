"""The host: handles the log entry by entry, and commits what the engine says about each step."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from threading import RLock

import pyarrow as pa

from coterie.engines.fits import Fit
from coterie.engines.stream import StreamEngine
from coterie.engines.stream.arriving import Arriving
from coterie.engines.stream.rewinding import remember
from coterie.errors import DefinitionError
from coterie.language.plan import TrackingPlan
from coterie.profiles import members
from coterie.profiles.live.ahead import ahead
from coterie.profiles.live.backlog import Backlog
from coterie.profiles.live.commits import Commits
from coterie.profiles.live.corrections import SPAN, SPARING
from coterie.profiles.live.facts import Facts, Rows
from coterie.profiles.live.known import Learnt
from coterie.profiles.live.permitting import Permitting
from coterie.profiles.live.steps import Step, groups
from coterie.profiles.live.terms import Terms, fits_of
from coterie.profiles.questions import Questions
from coterie.profiles.stores import Stores
from coterie.storage import stored
from coterie.storage.log import Entry
from coterie.storage.outbox import Mark

FEW = 5_000
"""Events that are typed one by one; more are by the lake's own SQL."""

CHUNK = 20_000
"""Entries of the log, and people with their histories, that are in memory at once."""


class Host:
    """A stream engine at a position of the log, and the stores that it lives on.

    Parameters
    ----------
    stores : Stores
    questions : Questions
        Those of the position.
    engine : StreamEngine
    facts : Facts
        At the position's offset.
    backlog : Backlog or None
        The events ahead of the clock that the engine does not have; None where it has all.
    silently : bool
        Keep neither records nor positions.
    again : int, optional
        Make all records after this offset (:class:`coterie.profiles.live.commits.Commits`).

    Attributes
    ----------
    lock : RLock
        Held while the engine's memory changes, so that other threads may read between two changes.

    Notes
    -----
    All that the log holds between two ticks takes effect at the later one, before the clock
    moves: corrections, then definitions, then fits. Records of log entries that were committed
    before are made again after a restart, and dropped.
    """

    def __init__(
        self,
        stores: Stores,
        questions: Questions,
        engine: StreamEngine,
        facts: Facts,
        backlog: Backlog | None,
        *,
        silently: bool = False,
        again: int | None = None,
    ) -> None:
        self.log, self.lake, self.ledger = stores
        self.stores = stores
        self.commits = Commits(stores, silently=silently, again=again)
        self.questions = questions
        self.engine = engine
        self.facts = facts
        self.backlog = backlog
        self.terms = Terms.of(questions.library)
        self.offset = self.settled = facts.offset
        self.version = self._version(questions.library.hash())
        self.limit: int | None = None
        self.lock = RLock()
        self._step = Step()
        self._permitting = Permitting()
        self._heard: list[int] = []
        self._words: Arriving | None = None
        self.n_events = 0
        self.forgetting = False

    # --- where it stands ---------------------------------------------------------------------

    @property
    def mark(self) -> Mark:
        """The position that all of the engine's state belongs to."""
        horizon = None if self.backlog is None else self.backlog.horizon
        return Mark(
            offset=self.offset, clock=self.engine.clock, horizon=horizon,
            definitions_hash=self.questions.library.hash(), settled=self.settled,
        )  # fmt: skip

    @property
    def drained(self) -> bool:
        """Whether every deadline up to the clock was acted on."""
        return self.settled == self.offset

    @property
    def pending(self) -> bool:
        """Whether the log said something that takes effect at the next tick."""
        return bool(self._step)

    @property
    def horizon(self) -> int | None:
        """Up to which instant the engine has every event; None for ever."""
        return None if self.backlog is None else self.backlog.horizon

    def heard(self) -> list[int]:
        """When the events occurred that the log had since the last call, microseconds UTC."""
        found, self._heard = self._heard, []
        return found

    def _version(self, digest: str) -> int:
        kept = self.ledger.definitions(digest)
        return kept.version if kept else 0

    # --- following the log -------------------------------------------------------------------

    def follow(self, end: int | None = None, *, own: bool = False) -> None:
        """Handle what the log has since, up to an offset or its end.

        Events after the last tick are taken in; what they change is answered at the next tick.

        Parameters
        ----------
        own : bool
            Nobody else wrote to the log since the last time.
        """
        stop = 0 if own else self._others()
        while entries := self.log.unbroken(self.facts.offset, CHUNK):
            for group in groups(entries, stop):
                if end is not None and group[-1].offset > end:
                    return
                self._take(group)
                if group[-1].kind == "tick":
                    self._tick(group[-1])
                elif group[-1].offset == stop:
                    self._close(group[-1].offset)
                    self._commit(settled=self.drained)
            if len(entries) < CHUNK:
                return

    def _others(self) -> int:
        """See what others committed, and return where a run ended: that is a step of its own."""
        self.commits.look()
        run = self.ledger.last_run()
        return int(run.counts["offset"]) if run else 0

    def _take(self, entries: list[Entry]) -> None:
        """Take in entries of which at most the last is a tick."""
        self._step.note(entries)
        self._take_events([e for e in entries if e.kind == "event"], entries[-1].offset)

    def _take_events(self, events: list[Entry], offset: int) -> None:
        before = self.facts.offset
        self._heard += [event.at for event in events]
        self.n_events += len(events)
        rows, learnt = self.facts.learn(events, offset)
        self._permitting.note(events, self.facts.known)  # an audience changes with it alone too
        if self.backlog is not None and events:
            self.backlog.renew()
        joined = self._joined(learnt, before)
        self._feed_rows(rows)
        self._step.reread(self._owners(learnt.retired))
        self._step.correct(dict.fromkeys({*joined, *joined.values()}, "merge"))
        self._step.joined |= joined if self.backlog is None else {}

    def _feed_rows(self, rows: Rows) -> None:
        """Give the engine what is new: a few events one by one, many by the lake's own SQL."""
        needs = self.engine.needs()
        if len(rows) <= FEW:
            arrivals = self.facts.arrivals(rows, needs, self.horizon)
            with self.lock:
                self._step.overtake(self._arriving().feed(arrivals))
            return
        for name, table in self.facts.fresh(rows, needs, self.horizon).items():
            with self.lock:
                self.engine.feed(name, table)
        self._step.reread(self.engine.stale())

    def _arriving(self) -> Arriving:
        if self._words is None or self._words.program is not self.engine.program:
            self._words = Arriving(self.engine)
            remember(self.engine, SPAN)
        return self._words

    def _joined(self, learnt: Learnt, before: int) -> dict[str, str]:
        """The devices with events of their own that belong to somebody from now on."""
        if self.backlog is not None:
            return self.facts.joined(learnt, before)
        known, late = self.engine.people.known, self._step.late
        users = {u for d, u in learnt.links.items() if known(d) is not None or d in late}
        return {device: user for device, user in learnt.links.items() if user in users}

    def _owners(self, facts: Iterable[bytes]) -> set[str]:
        """Whose these facts are, where log or lake have them."""
        owners = self.log.owners(facts, partial(stored.owners, self.lake))
        found = {self.facts.known.of(each.user_id, each.anonymous_id) for each in owners}
        return {profile for profile in found if profile is not None}

    # --- taking effect -----------------------------------------------------------------------

    def _tick(self, entry: Entry) -> None:
        self._close(entry.offset - 1)
        if self.backlog is not None:
            for events in self.backlog.upto(self.engine.needs(), entry.at):
                self._feed(events)
        self.warm(entry.at)
        self._advance(entry.at, self.limit)

    def complete(self) -> None:
        """Act on every deadline up to the clock that a bounded step left."""
        if not self.drained:
            self.warm(self.engine.clock)
            self._advance(self.engine.clock, None)

    def _advance(self, t: int, limit: int | None) -> None:
        offset = self.facts.offset
        with self.lock:
            done = self.engine.advance(t, offset=offset, limit=limit)
        self._drain()
        self._commit(settled=done)

    def _feed(self, events: Mapping[str, pa.Table]) -> None:
        for name, table in events.items():
            self.engine.feed(name, table)

    def _close(self, offset: int) -> None:
        """Let what the log said since the last tick take effect at the clock."""
        step, self._step = self._step, Step()
        if step.erased:
            self._erase(offset)
        for cause in sorted({*step.causes.values()}):
            whose = [p for p, why in step.causes.items() if why == cause]
            if cause in SPARING:
                self._permitting.corrected(whose if cause == "merge" else ())
                with self.lock:
                    whose = SPARING[cause](self.engine, self._arriving(), step, whose, offset)
            self.rebuild(whose, cause, offset)
        if step.definitions is not None or step.models:
            self.warm()
        learnt = fits_of(step.models, self.ledger) if step.models else []
        if step.definitions is not None:
            known = self.engine.fits
            self._edit(step.definitions, offset, [f for f in learnt if not known.versions(f.key)])
        known = self.engine.fits
        others = [fit for fit in learnt if fit not in known.versions(fit.key)]
        if others:
            with self.lock:
                self.engine.refit(known.plus(others), offset=offset)
            self._drain()

    def rebuild(
        self, profiles: Collection[str], cause: str, offset: int, *, silently: bool = False
    ) -> None:
        """Give these people the state that their histories say, and record what differs."""
        ordered = sorted(profiles)
        self._permitting.corrected(ordered)
        for start in range(0, len(ordered), CHUNK):
            some = ordered[start : start + CHUNK]
            histories = self.facts.histories(some, self.engine.needs(), self.horizon)
            with self.lock:
                self.engine.rebuild(some, histories, cause=cause, offset=offset)
        self._drain(without=ordered if silently else ())

    def warm(self, t: int | None = None) -> None:
        """Give back the states that were let go: everybody's, or whom the clock at `t` concerns."""
        cold = self.engine.cold(t)
        for start in range(0, len(cold), CHUNK):
            some = cold[start : start + CHUNK]
            histories = self.facts.histories(some, self.engine.needs(), self.horizon)
            with self.lock:
                self.engine.warm(some, histories)

    def warm_one(self, profile: str) -> None:
        """Give one person back a state that was let go."""
        histories = self.facts.histories([profile], self.engine.needs(), self.horizon)
        with self.lock:
            self.engine.warm([profile], histories)

    def values(self, names: Sequence[str]) -> pa.Table:
        """Everybody's values of definitions, in units, at the clock."""
        with self.lock:
            self.warm()
            found = self.engine.read(names)
            self.engine.shed()
        return found

    def _erase(self, offset: int) -> None:
        """Forget whoever is no more, and give back what only they had superseded.

        Nothing is recorded of people who were erased.
        """
        self.lake.flush(self.log, self.terms.plan)
        before = self.facts.known.superseded
        self.facts.reload()
        if self.backlog is not None:
            self.backlog.renew()
        left = {*self.facts.people(self.horizon).to_pylist()}
        self.rebuild({*self.engine.people} - left, "erase", offset, silently=True)
        again = before.keys() - self.facts.known.superseded.keys()
        self.rebuild(self._owners(again), "erase", offset)
        self.forgetting = True

    def _edit(self, entry: Entry, offset: int, first: Sequence[Fit]) -> None:
        """Go on with other definitions, and with the first versions of the models they brought.

        Definitions that mean nothing any more change nothing.
        """
        try:
            questions = self.terms.questions(entry.payload)
        except DefinitionError:  # the tracking plan lost what they speak of, and others follow
            return
        digest = questions.library.hash()
        self.version = self.ledger.add_definitions(digest, entry.at, entry.payload.decode())
        asked, fits = questions.asked, self.engine.fits.plus(first)
        if _retyped(self.questions.asked.plan, asked.plan):
            self._replace(self.built(questions), offset)
        else:
            needs = self.engine.edit_needs(asked)
            histories = self.facts.all_of(needs, self.horizon) if needs else None
            with self.lock:
                self.engine.edit(asked, histories, fits=fits, offset=offset)
        self.questions = questions
        self._drain()

    def _replace(self, engine: StreamEngine, offset: int) -> None:
        """Go on with an engine whose state is new, and record in what it differs."""
        found = members.changes(
            self.engine.members(), engine.members(), at=engine.clock, version=self.version,
            offset=offset, cause="edit",
        )  # fmt: skip
        self.engine = engine
        self.commits.take(found, self.version)

    def built(self, questions: Questions) -> StreamEngine:
        """An engine with the state of everyone's history, that remembers nobody else."""
        engine = StreamEngine(
            questions.asked, self.engine.clock, fits=self.engine.fits, offset=self.facts.offset,
            partitions=len(self.engine.parts),
        )  # fmt: skip
        for some, events in ahead(self.facts.by_person(engine.needs(), self.horizon, CHUNK)):
            engine.rebuild(some, events, cause="start", offset=self.facts.offset)
        engine.changes()
        return engine

    def kept(self) -> StreamEngine:
        """The engine to be saved; nothing readable of whoever was erased is in it."""
        if self.forgetting:
            self.engine, self.forgetting = self.built(self.questions), False
        return self.engine

    def begin(self, changes: pa.Table) -> None:
        """Keep this position and the numbered records that belong to it."""
        self.commits.begin(self.mark, changes)

    def _drain(self, *, without: Collection[str] = ()) -> None:
        found = self.engine.changes()
        self.commits.take(found, self.version, without=without, ordered=True)

    def _commit(self, *, settled: bool) -> None:
        """Keep the records and the position that they lead to, together."""
        self.offset = self.facts.offset
        if settled:
            self.settled = self.offset
        self.commits.commit(self.mark, self._permitting.take(self.engine.clock))


def _retyped(old: TrackingPlan, new: TrackingPlan) -> bool:
    """Whether a property that both plans have is of another type."""
    known = {(event, name): declared.kind for event, name, declared in old.properties()}
    return any(
        known.get((event, name), declared.kind) != declared.kind
        for event, name, declared in new.properties()
    )
