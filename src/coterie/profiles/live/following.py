"""Following: the clock goes as the machine's does, and each event is acted on as it comes."""

from __future__ import annotations

from collections.abc import Callable, Collection

from coterie.engines.stream.batches import Words
from coterie.engines.stream.holding import held
from coterie.engines.stream.saving import frozen, pieces, room
from coterie.engines.stream.upcoming import upcoming
from coterie.profiles.live.aside import Aside
from coterie.profiles.live.pace import SECOND, Following
from coterie.profiles.live.replay import HELD, SHARE, Replay
from coterie.profiles.live.terms import meaning
from coterie.profiles.questions import Questions
from coterie.storage import ledger

_LOOK = 0.05
"""Seconds between two looks at what nobody tells of: other processes write, files are edited.

Each keeps those waiting who are answered beside it, for half a millisecond where nothing is due.
"""

_FORGETS = 0.1
"""Seconds between two looks at what the log may forget."""

_STANDS = 0.1
"""Seconds after which a position is kept at the latest, where one event follows the other."""

NEAR = 20_000
"""Log entries after a snapshot that a start handles again at once: a fraction of a second."""

_EDITS = 0.2
"""Seconds between two looks at the files of a project."""


class Follow(Replay):
    """A replay without an end, which rests while nothing waits and nothing is due.

    Notes
    -----
    What is new in the log comes before the clock: the tick that follows it stands at the newest
    event, so that what the event changes is said at once. Nothing is written while nothing is due.
    """

    pace: Following
    aside: Aside

    def run(self, ready: Callable[[], None] = lambda: None) -> ledger.Run:
        """Go on until somebody wants it to end.

        Parameters
        ----------
        ready : callable
            Told whenever there is nothing to do.
        """
        self._today: Questions | None = None
        self._rooms: list[Words] = []
        self._edits_at, self._forgets_at, self._stands_at, self._kept = 0.0, 0.0, 0.0, 0
        self._begin()
        self.host.commits.hurried = True
        while not self.world.stopping():
            if self._wanted():
                self._round()
            else:
                ready()
                self.world.rest(self._idle())
        self.aside.wait()
        return self.end()

    def _round(self) -> None:
        """One step, and what it brings about."""
        edited = self._today is not None
        with self.world.writing():
            scheduled = self._caught_up()
        if edited:
            self._finish_edit()
        if scheduled:
            self._alone()
            self._agenda.fire(self.clock, self.once)

    def _alone(self) -> None:
        """Wait for what is done beside, and give up the turn: others write next."""
        self.aside.wait()
        self.world.rest(0)

    def _caught_up(self) -> bool:
        """Take in what the log has, and move the clock where that changes anything.

        Returns
        -------
        bool
            Whether something is scheduled where the clock stands now: it goes no further before.
        """
        host = self.host
        if host.log.end() > host.facts.offset:
            host.follow()
        before = self.clock
        if self._drained():
            host.follow(own=True)
        self.pace.heard(host.heard())
        if not self._scheduled(before):
            at = self._next()
            if self._edit() or host.pending or self._due(at):
                self.tick(max(at, self.clock))
        self._tidy()
        self._stand()
        return self._scheduled(before)

    def _stand(self) -> None:
        """Keep the position where nothing else waits; once in a while where something always does.

        A commit takes a fifth of a step, and events wait for it.
        """
        now = self.world.seconds()
        if now >= self._stands_at or not self.world.waiting():
            self._stands_at = now + _STANDS
            self.host.commits.stand(self.host.mark)

    def _scheduled(self, before: int) -> bool:
        clock = self.clock
        return before < clock and self._agenda.next(clock - 1) == clock

    def _next(self) -> int:
        """Where the next tick stands: time alone moves nothing while requests wait."""
        pace = self.pace.newest if self.world.waiting() else self.pace.reach
        return self._upto(pace(self.clock))

    def _drained(self) -> int:
        """Take requests into the log, and with their events the tick that they are acted on at."""
        log = self.host.log
        log.ticking, former = self._ticking, log.ticking
        try:
            return self.world.drain()
        finally:
            log.ticking = former

    def _ticking(self, instants: list[int]) -> int | None:
        """Where the clock goes with new events; None where more than they decides it."""
        self.pace.heard(instants)
        if self.host.backlog is not None or self._today is not None:
            return None
        at = self._upto(self.pace.newest(self.clock))
        return max(at, self.clock) if min(instants) <= at else None

    def tick(self, at: int) -> None:
        """Enter a tick, and then act on it."""
        if self.host.backlog is not None:
            super().tick(at)
            return
        self.host.log.append("tick", at, b"{}")
        self.host.follow(own=True)

    def _edit(self) -> bool:
        today, self._today = self._today, None
        if today is not None:
            self._define(today)
        return today is not None

    def end(self) -> ledger.Run:
        """Publish what is true; the lake is sorted, and the state kept, only where that pays.

        Whoever stops a server waits for this. A year of events takes half a minute to sort, and a
        state as long to write as all else together: the next start takes up the one that was kept
        last, and handles again what came since.
        """
        with self.world.writing():
            super()._move()
            run = self._published(())
            if self._far():
                self.keep()
            else:
                self._stood()
        return run

    def _far(self) -> bool:
        """Whether a start from the newest snapshot has much to handle again."""
        host, newest = self.host, self.snapshots.newest()
        if newest is None or host.forgetting or newest.meaning != meaning(host.questions):
            return True
        return host.offset - newest.offset > NEAR

    # --- beside the steps --------------------------------------------------------------------

    def _tidy(self) -> None:
        """Have events and records moved to the lake, or the state kept, where it is time."""
        if self.world.seconds() >= self._forgets_at:
            self._forgets_at = self.world.seconds() + _FORGETS
            self.world.forget()
        if self.aside.finished():
            self.host.facts.settle()
            self.host.commits.moved = self.aside.moved
        if self.aside.busy:
            return
        if self._keeping():
            self._keep_beside()
        elif self.host.facts.n_held > HELD:
            self._move()

    def _move(self) -> None:
        self.aside.start(self.host.terms.plan, self.host.commits.complete)

    def once(self, keys: Collection[str]) -> ledger.Run:
        """The same, when nothing is done beside: both would move the same records."""
        self.aside.wait()
        return super().once(keys)

    def _keep_beside(self) -> None:
        """Have room made for a copy of the state; then copy it, and have the copy written."""
        host, began = self.host, self.world.seconds()
        host.complete()
        if host.forgetting:
            self.keep()
            return
        host.commits.stand(host.mark)
        plan, complete, said = host.terms.plan, host.commits.complete, meaning(host.questions)
        rooms, self._rooms = self._rooms, []
        if len(rooms) != len(host.engine.parts):
            self.aside.start(plan, complete, lambda: self._rooms.extend(room(host.engine)))
            return
        with host.lock:
            state, mark = frozen(host.engine, rooms), host.mark

        def save() -> None:
            self.snapshots.save(mark, said, state.sizes(), pieces(state), held(state))
            ended = self.world.seconds()
            self._keep_at = ended + max(self._manner.keep, SHARE * (ended - began))

        self._kept, self._keep_at = mark.offset, float("inf")
        self.aside.start(plan, complete, save)

    # --- what there is to do -----------------------------------------------------------------

    def _wanted(self) -> bool:
        """Whether a step would find anything to do."""
        host = self.host
        return (
            host.pending
            or not host.drained
            or self.world.waiting()
            or host.log.end() > host.facts.offset
            or self._due(self._next())
            or (self._keeping() and not self.aside.busy)
            or self._changed()
        )

    def _keeping(self) -> bool:
        """Whether a snapshot is due, and would be another than the last."""
        return self.host.offset > self._kept and self.world.seconds() >= self._keep_at

    def _changed(self) -> bool:
        """Look for an edit of the definitions, now and then."""
        if self.world.seconds() >= self._edits_at:
            self._edits_at = self.world.seconds() + _EDITS
            self._today = self.world.edited(self.host.questions)
        return self._today is not None

    def _due(self, at: int) -> bool:
        """Whether anything happens up to an instant."""
        host = self.host
        if host.backlog is not None:
            return at > self.clock
        first, scheduled = upcoming(host.engine), self._agenda.next(self.clock)
        return any(when is not None and when <= at for when in (first, scheduled))

    def _idle(self) -> float:
        """Seconds until something is due, or somebody has to be looked after."""
        first = upcoming(self.host.engine)
        if first is None:
            return _LOOK
        return min(_LOOK, max(first - self.pace.reach(self.clock), 0) / SECOND)
