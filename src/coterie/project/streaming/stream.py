"""The stream of one project, and what it can be asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from coterie.engines.stream.preparing import preparing
from coterie.errors import ClockError, CoterieError, ProjectError
from coterie.profiles.answers import Answers
from coterie.profiles.flushing import Progress, flush, silent
from coterie.profiles.live.pace import AtOnce, Pace, Recorded
from coterie.profiles.live.parity import Comparison
from coterie.profiles.live.replay import Manner, Replay, World
from coterie.profiles.live.snapshots import Snapshots
from coterie.profiles.live.start import Start
from coterie.profiles.restoring import check
from coterie.profiles.stores import Stores
from coterie.project import instants
from coterie.project.lock import in_turn, streaming
from coterie.project.receiving import draining
from coterie.project.streaming.agenda import Scheduled
from coterie.project.streaming.editing import Files
from coterie.project.streaming.live import Live
from coterie.project.streaming.opening import LIMIT, Begin, caught_up, opened, path
from coterie.project.streaming.reports import ParityReport, ReplayReport
from coterie.project.streaming.standing import snapshots
from coterie.project.streaming.watching import Watch
from coterie.storage import ledger
from coterie.storage.outbox import Outbox

if TYPE_CHECKING:
    from coterie.project.opened import At
    from coterie.project.project import Project

Speed = Literal["max", "recorded"]


class Stream:
    """Everybody's traits, stages and segments, kept current as events arrive and time passes.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    # --- replaying ---------------------------------------------------------------------------

    def replay(
        self,
        until: At = "last",
        *,
        begin: Begin = "",
        speed: Speed = "max",
        factor: float = 1.0,
        follow: bool = False,
        manner: Manner | None = None,
        progress: Progress = silent,
        refused: Callable[[CoterieError], None] = lambda error: None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> ReplayReport:
        """Move the clock event by event, and record who enters and leaves at each exact instant.

        Parameters
        ----------
        until : instant, "last" or "now"
            Where the clock goes; ``last`` is the instant of the newest event.
        begin : {"", "empty", "start"}
            ``empty``: before the first event, with nobody there. ``start``: out of history, where
            the clock stands. By default where the stream stood last; else where the clock stands;
            else empty.
        speed : {"max", "recorded"}
            As fast as the machine can, or `factor` times as fast as it happened.
        follow : bool
            Never end: after all that is there, go on as the machine's clock does.
        refused : callable
            Told why an edit of the definitions, made meanwhile, cannot be used.
        stopping : callable
            Asked whether to end after the step at hand.

        Raises
        ------
        ClockError
            `until` is before the clock, or the clock stands where the stream cannot begin.
        StoreError
            Another process replays this project.

        Notes
        -----
        Definitions that are edited meanwhile take effect with the next step. Other processes may
        import, run and erase meanwhile: they wait for their turn.
        """
        run = (
            Live(self._project, drain=draining(self._project), refused=refused).run(
                stopping, begin=begin, manner=manner, progress=progress
            )
            if follow
            else self._replayed(until, begin, speed, factor, manner, progress, refused, stopping)
        )
        return ReplayReport(
            offset=run.offset, clock=run.clock, people=run.counts["people"],
            changes=run.counts["transitions"], version=run.counts["version"],
        )  # fmt: skip

    def _replayed(
        self,
        until: At,
        begin: Begin,
        speed: Speed,
        factor: float,
        manner: Manner | None,
        progress: Progress,
        refused: Callable[[CoterieError], None],
        stopping: Callable[[], bool],
    ) -> ledger.Run:
        project = self._project
        project.reload()
        agenda = Scheduled(project)  # what is wrong with a definition is said before anything moves
        with streaming(self._lock):
            with self._turn() as stores:
                caught_up(project, stores, progress)
                end = self._end(until, stores)
                host = opened(project, stores, begin)
            world = World(
                writing=self._turn,
                edited=Files(project, refused).edited,
                now=project.now,
                seconds=time.monotonic,
                stopping=stopping,
            )
            live = speed == "recorded"
            manner = manner or Manner(limit=LIMIT if live else None)
            replay = Replay(
                host, self._snapshots, self._pace(end, speed, factor), world, agenda=agenda,
                manner=manner, tell=progress,
            )  # fmt: skip
            with preparing(project.questions.asked) if live else nullcontext():
                run = replay.run()
            host.facts.close()
        project.reload()
        return run

    def _end(self, until: At, stores: Stores) -> int:
        project = self._project
        clock = stores.log.clock()
        if until in ("last", None):
            last = Answers(stores, project.questions).last_event()
            if last is None:
                raise ProjectError("there is no event yet", hint="type: coterie import FILE")
            return last if clock is None else max(last, clock)
        end = project.now() if until == "now" else instants.parse(until, project.settings.tz)
        if clock is not None and end < clock:
            zone = project.settings.tz
            raise ClockError(
                "the clock cannot be moved back", where="--until", got=instants.shown(end, zone),
                expected=f"{instants.shown(clock, zone)} or later",
            )  # fmt: skip
        return end

    def _pace(self, end: int, speed: Speed, factor: float) -> Pace:
        if speed == "recorded":
            return Recorded(end, factor, time.monotonic, time.sleep)
        return AtOnce(end)

    @contextmanager
    def _turn(self) -> Iterator[Stores]:
        with in_turn(self._lock):
            yield self._project.stores

    # --- verifying ---------------------------------------------------------------------------

    def verify(self) -> ParityReport:
        """The stream against SQL over all of history, at the stream's own position.

        Raises
        ------
        ProjectError
            Nothing was ever replayed.
        StoreError
            The lake lacks what runs or the stream wrote there.
        """
        project = self._project
        project.reload()
        with project.writing() as stores:
            mark = Outbox(stores.ledger).mark()  # no other stream moves it meanwhile
            if mark is None:
                raise ProjectError("nothing was replayed yet", hint="type: coterie replay")
            flush(stores, project.plan)
            check(stores)
            start = Start(stores, project.questions, self._snapshots, silently=True)
            host = start.resumed() or start.out_of_history()
            host.follow(end=mark.offset)
            found = Comparison(host).parity()
            host.facts.close()
        said = {field: getattr(found, field) for field in found.__struct_fields__}
        return ParityReport(**said, equal=found.equal, live=found.live)

    # --- watching ----------------------------------------------------------------------------

    def watch(self, name: str, *, latest: int = 0) -> Watch:
        """What follows who enters and leaves a segment, stages or one stage, with why.

        Parameters
        ----------
        latest : int
            How many of the latest movements to begin with.

        Raises
        ------
        UnknownName
            There is no such segment or stage.
        StoreError
            The lake was deleted.
        """
        check(self._project.stores)
        return Watch(self._project, name, latest)

    # --- where things are --------------------------------------------------------------------

    @property
    def _lock(self) -> Path:
        return path(self._project)

    @property
    def _snapshots(self) -> Snapshots:
        return snapshots(self._project)
