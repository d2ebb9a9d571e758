"""The stream as a role of a process: it follows the log, and answers from memory meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from threading import Event, Lock
from typing import TYPE_CHECKING, Protocol

import msgspec
import pyarrow as pa

from coterie.engines.stream.preparing import preparing
from coterie.errors import CoterieError
from coterie.profiles import state
from coterie.profiles.flushing import Progress, silent
from coterie.profiles.live.aside import Aside
from coterie.profiles.live.following import Follow
from coterie.profiles.live.host import Host
from coterie.profiles.live.pace import Following
from coterie.profiles.live.reading import Profile, Reading
from coterie.profiles.live.replay import Manner, World
from coterie.profiles.live.since import Since
from coterie.profiles.live.sizes import Sizes, frozen
from coterie.profiles.questions import Questions
from coterie.profiles.stores import Stores
from coterie.project import folder as folders
from coterie.project.lock import in_turn, streaming
from coterie.project.retaining import forget
from coterie.project.stores import LAKE, LOG, open_stores
from coterie.project.streaming.agenda import Scheduled
from coterie.project.streaming.attention import attentive
from coterie.project.streaming.editing import Files
from coterie.project.streaming.mover import Mover
from coterie.project.streaming.opening import LIMIT, Begin, caught_up, opened, path
from coterie.project.streaming.standing import snapshots
from coterie.storage import ledger

if TYPE_CHECKING:
    from coterie.project.project import Project

__all__ = ["Change", "Live", "Profile", "Standing"]

ALLOWANCE = 200_000
"""Microseconds that time alone keeps behind now, so that events find the clock before them."""


LOOK = 0.002
"""Seconds between two looks at an inbox that another process may fill, 30 microseconds each."""


class Drain(Protocol):
    """Takes acknowledged requests into the log."""

    def drain(self, now: int, most: int = 5_000) -> int:
        """Give some of what waits its fate, as a writer; how many events that were."""

    @property
    def behind(self) -> int:
        """How many requests wait."""


class Change(msgspec.Struct, frozen=True):
    """Somebody entered or left a segment or stage.

    Parameters
    ----------
    id : int
        Of the record; each has its own, in the order of their commits.
    profile : str
        The pseudonym.
    stage : str or None
        None for a segment.
    change : str
        ``entered`` or ``exited``.
    at : int
        The instant of the change, microseconds UTC.
    version : int
        Of the definitions.
    cause, reason : str
        ``event``, ``time``, ``late`` …, and the event or definition that it was.
    offset : int
        Of the log entry that brought it about.
    """

    id: int
    profile: str
    segment: str
    stage: str | None
    change: str
    at: int
    version: int
    cause: str
    reason: str
    offset: int


class Standing(msgspec.Struct, frozen=True):
    """Where a live stream stands.

    Parameters
    ----------
    offset, clock : int
        The position; the clock is microseconds UTC.
    behind : int
        Requests that wait in the inbox, and entries of the log that are still to be handled.
    lag : int
        Microseconds that the clock is behind now.
    people, handled : int
        Who is known, and how many events were handled since the stream began here.
    error : str
        Why the last edit of the definitions could not be used; empty for none.
    """

    offset: int
    clock: int
    behind: int
    lag: int
    people: int
    handled: int
    error: str


Told = Callable[[list[Change]], None]


class Live:
    """Everybody kept current in this process.

    Parameters
    ----------
    project : Project
    drain : Drain or None
        What takes requests out of the inbox; None where events come to the log by others.
    refused : callable
        Told why an edit of the definitions, made meanwhile, cannot be used.
    stepped : callable
        Told how many seconds each step took; on the stream's own thread.
    told : bool
        Whether :meth:`wake` is called for every request that comes; else the inbox is looked at
        every few milliseconds.

    Notes
    -----
    :meth:`run` is for one thread; everything else may be called from any.
    """

    def __init__(
        self,
        project: Project,
        *,
        drain: Drain | None = None,
        refused: Callable[[CoterieError], None] = lambda error: None,
        stepped: Callable[[float], None] = lambda seconds: None,
        told: bool = False,
    ) -> None:
        self._project = project
        self._lock = path(project)
        self._drain = drain
        self._told_of = told
        self._stepped = stepped
        self._refused = refused
        self._awake = Event()
        self._ready = Event()
        self._told: list[Told] = []
        self._telling = Lock()
        self._turns, self._turning = ExitStack(), False
        self._mover = _mover(project)
        self._aside = Aside(self._own, self._mover)
        self._error = ""
        self._host: Host | None = None
        self._reading: Reading | None = None

    # --- running -----------------------------------------------------------------------------

    def run(
        self,
        stopping: Callable[[], bool],
        *,
        begin: Begin = "",
        manner: Manner | None = None,
        progress: Progress = silent,
        gone: Callable[[], bool] = lambda: False,
    ) -> ledger.Run:
        """Follow the log until somebody wants it to end; the last answer is published then.

        Parameters
        ----------
        gone : callable
            Whether nobody waits for it to begin any more.

        Raises
        ------
        StoreError
            Another process replays this project.
        Stopped
            It was gone before it had begun; nothing was recorded.
        """
        project = self._project
        project.reload()
        agenda = Scheduled(project)  # what is wrong with a definition is said before anything moves
        with streaming(self._lock):
            with self._turn() as stores:
                caught_up(project, stores, progress)
                host = opened(project, stores, begin, gone)
                self._host, self._reading = host, self._reads(host, stores)
            pace = Following(project.now, time.sleep, ALLOWANCE)
            replay = Follow(
                host, snapshots(project), pace, self._world(stopping), agenda=agenda,
                manner=manner or Manner(limit=LIMIT), tell=progress,
            )  # fmt: skip
            try:
                with self._aside, attentive(), preparing(project.questions.asked):
                    replay.aside = self._aside
                    run = replay.run(self._ready.set)
            finally:
                self._mover.close()
                self._yield()
                self._ready.clear()
                self._host = self._reading = None
                host.facts.close()
        project.reload()
        return run

    def renew(self, drain: Drain | None) -> None:
        """Take requests by another drain from the next :meth:`run` on; none is running."""
        self._drain = drain

    def _world(self, stopping: Callable[[], bool]) -> World:
        drain, project = self._drain, self._project
        return World(
            writing=self._turn,
            edited=Files(project, self._said).edited,
            now=project.now,
            seconds=time.monotonic,
            stopping=stopping,
            waiting=lambda: drain is not None and drain.behind > 0,
            drain=lambda: 0 if drain is None else drain.drain(project.now()),
            forget=partial(forget, project),
            rest=self._rest,
        )

    @contextmanager
    def _turn(self) -> Iterator[Stores]:
        """The write lock; it is kept as long as anything is done beside the steps."""
        if not self._turning:
            self._turns.enter_context(in_turn(self._lock))
            self._turning = True
        began = time.monotonic()
        try:
            yield self._project.stores
        finally:
            self._stepped(time.monotonic() - began)
            self._yield()

    def _yield(self) -> None:
        if self._turning and not self._aside.busy:
            self._turning = False
            self._turns.close()

    @contextmanager
    def _own(self) -> Iterator[Stores]:
        """Stores that another thread may use."""
        with ExitStack() as stack:
            project = self._project
            yield open_stores(project.folder, stack, project.settings.memory)

    def _rest(self, seconds: float) -> None:
        """Wait until woken, or until requests wait that another process acknowledged."""
        self._yield()
        look = seconds if self._drain is None or self._told_of else LOOK
        until = time.monotonic() + seconds
        while not self._awake.wait(max(0.0, min(look, until - time.monotonic()))):
            if time.monotonic() >= until or (self._drain is not None and self._drain.behind):
                break
        self._awake.clear()

    def wake(self) -> None:
        """Say that something new may be there."""
        self._awake.set()

    def _said(self, error: CoterieError) -> None:
        self._error = str(error)
        self._refused(error)

    # --- telling -----------------------------------------------------------------------------

    def subscribe(self, told: Told) -> Callable[[], None]:
        """Have changes told once they are kept, and return what ends it.

        Parameters
        ----------
        told : callable
            Called on the stream's own thread with the changes of one commit, in the order of their
            numbers: it must not block.
        """
        with self._telling:
            self._told = [*self._told, told]

        def end() -> None:
            with self._telling:
                self._told = [each for each in self._told if each is not told]

        return end

    def _reads(self, host: Host, stores: Stores) -> Reading:
        since = Since(state.read_changes(stores.lake, stores.ledger))

        def told(records: pa.Table, last: int) -> None:
            changes = _changes(records, last)
            for change in changes:
                if change.change == "entered":
                    staged = change.stage is not None
                    since.note(change.profile, change.segment, change.at, staged=staged)
            for each in self._told:
                each(changes)

        host.commits.told = told
        return Reading(host, since)

    # --- asking ------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether the stream has caught up with what was there when it began."""
        return self._ready.is_set()

    @property
    def questions(self) -> Questions | None:
        """The definitions and purposes in force; None before it runs."""
        host = self._host
        return None if host is None else host.questions

    def profile(self, person: str) -> Profile | None:
        """A person at the stream's position, by pseudonym; None for nobody, or before it runs.

        Parameters
        ----------
        person : str
            The pseudonym of a user or an anonymous id.

        Notes
        -----
        Deadlines up to the clock are acted on. What it says may be a moment older than the last
        change that was told, never newer than the log.
        """
        reading = self._reading
        return None if reading is None else reading.profile(person)

    def came(self, person: str, stages: str) -> int | None:
        """When a person came to the stage that they are in, microseconds UTC; None for unknown."""
        reading = self._reading
        return None if reading is None else reading.since.of(person, stages, staged=True)

    def sizes(self) -> Sizes | None:
        """How many people are in each segment and stage now; None before it runs.

        Notes
        -----
        The stream rests only while memberships are copied; they are counted beside it.
        """
        host = self._host
        if host is None:
            return None
        with host.lock:
            found = frozen(host.engine)
        return found.counted()

    def standing(self) -> Standing | None:
        """Where the stream stands; None before it runs."""
        host, project = self._host, self._project
        if host is None:
            return None
        engine = host.engine
        waiting = 0 if self._drain is None else self._drain.behind
        return Standing(
            offset=host.offset,
            clock=engine.clock,
            behind=waiting + max(0, project.stores.log.end() - host.offset),
            lag=max(0, project.now() - engine.clock),
            people=len(engine.people),
            handled=host.n_events,
            error=self._error,
        )


def _mover(project: Project) -> Mover:
    data = project.folder / folders.DATA
    return Mover(data / LOG, data / LAKE, project.settings.memory)


def _changes(records: pa.Table, last: int) -> list[Change]:
    """Records as they were numbered."""
    said = {name: records[name].to_pylist() for name in Change.__struct_fields__[1:]}
    said["stage"] = [stage or None for stage in said["stage"]]
    numbers = range(last - records.num_rows + 1, last + 1)
    return [*map(Change, numbers, *said.values())]
