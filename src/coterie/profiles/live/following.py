"""Following: the clock goes as the machine's does, and each event is acted on as it comes."""

from __future__ import annotations

from collections.abc import Callable

from coterie.engines.stream.upcoming import upcoming
from coterie.profiles.live.pace import SECOND, Following
from coterie.profiles.live.replay import HELD, Replay
from coterie.profiles.questions import Questions
from coterie.storage import ledger

_LOOK = 0.02
"""Seconds between two looks at what nobody tells of: other processes write, files are edited."""

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

    def run(self, ready: Callable[[], None] = lambda: None) -> ledger.Run:
        """Go on until somebody wants it to end.

        Parameters
        ----------
        ready : callable
            Told whenever there is nothing to do.
        """
        self._today: Questions | None = None
        self._edits_at, self._kept = 0.0, 0
        self._begin()
        while not self.world.stopping():
            if self._wanted():
                self._round()
            else:
                ready()
                self.world.rest(self._idle())
        return self.end()

    def _round(self) -> None:
        """One step, and what it brings about."""
        before, edited = self.clock, self._today is not None
        with self.world.writing():
            self.world.drain()
            at = self._caught_up()
        if edited:
            self._finish_edit()
        if before < at == self.clock and self._agenda.next(at - 1) == at:
            self._agenda.fire(at, self.once)
        if self._keeping():
            with self.world.writing():
                self.keep()
            self._kept = self.host.offset

    def _caught_up(self) -> int:
        """Take in what the log has, and move the clock where that changes anything."""
        host = self.host
        host.follow()
        self.pace.heard(host.heard())
        at = self._next()
        if self._edit() or host.pending or self._due(at):
            self.tick(max(at, self.clock))
        if host.facts.n_held > HELD:
            self._move()
        return at

    def _edit(self) -> bool:
        today, self._today = self._today, None
        if today is not None:
            self._define(today)
        return today is not None

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
            or self._keeping()
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
