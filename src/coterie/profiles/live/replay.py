"""Replaying: the clock is moved tick by tick, and everything is kept current on the way."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from coterie.engines.stream.holding import held
from coterie.engines.stream.saving import pieces
from coterie.language.time import DAY
from coterie.profiles import transitions
from coterie.profiles.flushing import Progress, flush, silent
from coterie.profiles.live import learning
from coterie.profiles.live.host import Host
from coterie.profiles.live.moving import move_events
from coterie.profiles.live.pace import Pace
from coterie.profiles.live.publishing import publish
from coterie.profiles.live.snapshots import Snapshots
from coterie.profiles.live.start import define
from coterie.profiles.live.terms import Terms, meaning
from coterie.profiles.questions import Questions
from coterie.storage import ledger

BATCH = 10_000
"""Events between two ticks, where many lie ahead."""

HELD = 20_000
"""Rows that are kept in memory until they are moved to the lake."""

SHARE = 20
"""How many times as long as keeping takes is the least between two snapshots."""

Once = Callable[[Collection[str]], ledger.Run]
"""Learns these fit keys anew, publishes what is true, and returns the run that readers see."""


class Agenda(Protocol):
    """What is scheduled on the clock's way."""

    def next(self, after: int) -> int | None:
        """The first instant after one at which something is due."""

    def fire(self, at: int, once: Once) -> None:
        """Do what is due at an instant; the clock stands there."""


class Nothing:
    """An agenda without anything on it."""

    def next(self, after: int) -> int | None:
        """Never."""
        return None

    def fire(self, at: int, once: Once) -> None:
        """Do nothing."""


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How a replay goes about it; nothing of this changes what is true at the end.

    Parameters
    ----------
    batch : int
        Events between two ticks, where many lie ahead.
    keep : float
        Seconds between two snapshots; more where one takes long, so that keeping never takes more
        than a twentieth of the time.
    limit : int or None
        Deadlines that one step acts on beside those that events force, so that many who are due at
        once do not keep events waiting; the others follow in the next steps. None for all.
    """

    batch: int = BATCH
    keep: float = 60.0
    limit: int | None = None


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay needs of the project around it.

    Parameters
    ----------
    writing : callable
        A context in which nobody else changes the project.
    edited : callable
        Today's definitions where they are others than those given, else None.
    now : callable
        Microseconds UTC.
    seconds : callable
        A clock that only ever grows.
    stopping : callable
        Whether somebody wants it to end.
    waiting, drain : callable
        Whether requests wait to be taken into the log; and take them in, as a writer.
    forget : callable
        Forget some of what the log need not keep, as a writer.
    rest : callable
        Wait so many seconds, or until something new is told of.
    """

    writing: Callable[[], AbstractContextManager[object]]
    edited: Callable[[Questions], Questions | None]
    now: Callable[[], int]
    seconds: Callable[[], float]
    stopping: Callable[[], bool] = lambda: False
    waiting: Callable[[], bool] = lambda: False
    drain: Callable[[], int] = lambda: 0
    forget: Callable[[], int] = lambda: 0
    rest: Callable[[float], None] = lambda seconds: None


class Replay:
    """Moves the clock of a stream.

    Parameters
    ----------
    host : Host
    snapshots : Snapshots
    pace : Pace
        How far the clock may go by now.
    world : World
    agenda : Agenda, optional
    manner : Manner, optional
    tell : callable, optional
    """

    def __init__(
        self,
        host: Host,
        snapshots: Snapshots,
        pace: Pace,
        world: World,
        *,
        agenda: Agenda | None = None,
        manner: Manner | None = None,
        tell: Progress = silent,
    ) -> None:
        self.host = host
        self.snapshots = snapshots
        self.pace = pace
        self.world = world
        self._agenda = agenda or Nothing()
        self._manner = manner or Manner()
        self._tell = tell
        self._keep_at = world.seconds() + self._manner.keep
        host.limit = self._manner.limit
        self._from = host.engine.clock

    @property
    def clock(self) -> int:
        """Where the clock stands, microseconds UTC."""
        return self.host.engine.clock

    def run(self) -> ledger.Run:
        """Go on until the pace has no further to go, or somebody wants it to end."""
        self._begin()
        while not (self.pace.ended(self.clock) or self.world.stopping()):
            before, at = self.clock, self._next()
            with self.world.writing():
                self._step(at)
            self._finish_edit()
            if before < at == self.clock and self._agenda.next(at - 1) == at:
                self._agenda.fire(at, self.once)
            if self.world.seconds() >= self._keep_at:
                with self.world.writing():
                    self.keep()
            if self.host.drained:
                self.pace.rest(self.clock)
        return self.end()

    def end(self) -> ledger.Run:
        """Publish what is true and keep it; the lake has all that the log does then."""
        with self.world.writing():
            flush(self.host.stores, self.host.terms.plan)
            self.host.facts.settle()
        return self.once(())

    def _begin(self) -> None:
        """Catch up with the log, and with what a former process had begun when it ended."""
        with self.world.writing():
            self._step(self.clock)
        self._finish_edit()
        run = self.host.ledger.last_run()
        unfinished = run is not None and run.clock < self.clock
        if unfinished and self._agenda.next(self.clock - 1) == self.clock:
            self._agenda.fire(self.clock, self.once)

    def _finish_edit(self) -> None:
        """Learn what new definitions rest on, and publish the first answer by them."""
        run = self.host.ledger.last_run()
        if run is None or run.definitions_hash != self.host.mark.definitions_hash:
            self.once(learning.missing(self.host))

    def _next(self) -> int:
        """Where the next tick stands: not beyond what is due, nor beyond a batch of events."""
        return self._upto(self.pace.reach(self.clock))

    def _upto(self, reach: int) -> int:
        host, clock = self.host, self.clock
        stops = [reach, self._agenda.next(clock)]
        if host.backlog is not None:
            stops.append(host.backlog.stop(host.engine.needs(), self._manner.batch))
        return max(clock, min(stop for stop in stops if stop is not None))

    def _step(self, at: int) -> None:
        """What others wrote first, then an edit of the definitions, then the clock."""
        host = self.host
        host.follow()
        if self._edit() or host.pending or at > self.clock:
            self.tick(max(at, self.clock))
        if host.facts.n_held > HELD:
            self._move()

    def _edit(self) -> bool:
        """Enter today's definitions into the log, where they are others than those in force."""
        questions = self.world.edited(self.host.questions)
        if questions is not None:
            self._define(questions)
        return questions is not None

    def _define(self, questions: Questions) -> None:
        host = self.host
        host.terms = Terms.of(questions.library)
        host.facts.plan = host.terms.plan
        define(host.stores, questions, self.clock)
        flush(host.stores, host.terms.plan)  # what it has learnt of is in the lake for all to read
        host.facts.settle()

    def tick(self, at: int) -> None:
        """Enter a tick, and then act on it."""
        host = self.host
        host.log.append("tick", at, b"{}")
        host.follow()
        if host.backlog is not None and not host.backlog.left(host.engine.needs()):
            host.backlog = None  # from here on the engine has every event as it comes
        first, last = self._from, max(self._from, self.pace.reach(self.clock))
        self._tell("Replaying days", (self.clock - first) // DAY, -(-(last - first) // DAY))

    # --- keeping -----------------------------------------------------------------------------

    def once(self, keys: Collection[str]) -> ledger.Run:
        """Learn these anew, publish what is true, and keep it."""
        with self.world.writing():
            run = self._published(keys)
            self.keep()
        return run

    def _published(self, keys: Collection[str]) -> ledger.Run:
        self.host.follow()
        learning.learn(self.host, keys, self.tick)
        self.tick(self.clock)  # a run's offset is that of a tick of its own
        self.host.complete()
        n = self.host.commits.n_changes
        run = publish(self.host, committed_at=self.world.now(), n_changes=n)
        self.host.commits.n_changes = 0
        return run

    def keep(self) -> None:
        """Move what was recorded to the lake, and keep the state."""
        host, began = self.host, self.world.seconds()
        self._stood()
        engine = host.kept()
        self.snapshots.save(
            host.mark, meaning(host.questions), engine.sizes(), pieces(engine), held(engine)
        )
        ended = self.world.seconds()
        self._keep_at = ended + max(self._manner.keep, SHARE * (ended - began))

    def _stood(self) -> None:
        """Move what was recorded to the lake, and keep the position."""
        host = self.host
        if host.log.end() > host.offset:  # what others wrote is in the state that is kept
            self.tick(self.clock)
        host.complete()
        host.commits.stand(host.mark)
        transitions.flush(host.lake, host.commits.outbox, settled=host.commits.complete)

    def _move(self) -> None:
        """Move events to the lake, so that they need not be held; sort it where that pays."""
        move_events(self.host.log, self.host.lake, self.host.terms.plan)
        self.host.facts.settle()
