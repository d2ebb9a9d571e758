"""What the routes answer from: the parts of a server that know something."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

import pyarrow as pa

from coterie.language.time import from_micros
from coterie.project import Project
from coterie.project.permission import still_allowed
from coterie.project.streaming.live import Change, Live
from coterie.server.api.changes import Following
from coterie.server.api.guard import Caller, Guard
from coterie.server.api.problems import BUSY, UNREADY
from coterie.server.api.profiles import Profiles
from coterie.server.api.questions import Sizes
from coterie.server.api.views import Status
from coterie.server.board import Board, Seen
from coterie.server.desk import Desk
from coterie.server.drawing import Drawings
from coterie.server.feed import Feed
from coterie.server.kept import Kept
from coterie.server.metrics import Metrics, Readings
from coterie.server.overview import Overviews
from coterie.server.rates import Rate
from coterie.server.studying import Studying

MOST = 256
"""Clients that may follow the changes at once."""

_SECOND = 1_000_000


class Api:
    """What is asked of a project, answered; belongs to one event loop.

    Parameters
    ----------
    project : Project
        Is opened again for the questions that read its stores.
    live : Live or None
        The stream of this process.
    roles : callable
        The roles of this process, and whether each does its work.
    guard : Guard
    failed : callable
        Told when the stores begin to be unreadable.
    deliveries : callable
        Asked how many deliveries to destinations have which fate.
    unexpected : callable
        Told of an error that no answer should end with.
    asked : bool
        Whether profiles and changes are asked for here.

    Attributes
    ----------
    desk, reading, computing, drafting, drawing : Desk
        For questions that nothing may delay; for those of pages, which take milliseconds; for
        those that take as long as they need; for counts of the builder, a second each; and for
        pictures, which may take longer still.
    pictures, studies : Kept
        What was computed for pages, while it is true; and studies that were read.
    studying : Studying
        Makes studies that are asked for, in a process of their own.
    live : Live or None
        The stream of this process.
    name : str
        Of the project.
    now : callable
        Microseconds UTC, by the project's clock.
    rate : Rate
        Of events stored, as the board sees it.
    overviews : Overviews
    """

    def __init__(
        self, project: Project, live: Live | None, roles: Callable[[], Mapping[str, bool]],
        guard: Guard, failed: Callable[[BaseException], None],
        deliveries: Callable[[], Mapping[str, int]], unexpected: Callable[[Exception], None],
        *, asked: bool,
    ) -> None:  # fmt: skip
        self.roles = roles
        self.unexpected = unexpected
        self.guard = guard
        self.closed = False
        self.sizes = Sizes()
        self.desk = Desk(project.again())
        self.reading = Desk(project.again(), "reading")
        self.computing = Desk(project.again(), "computing", patient=True)
        self.drafting = Desk(project.again(), "drafting")
        self.drawing = Desk(project.again(), "drawing", patient=True)
        self.pictures = Drawings(self.reading, self.drawing)
        self.studies = Kept(self.drawing, 3)
        self.studying = Studying(project)
        self.profiles = Profiles(project.pseudonymiser, live, self.desk)
        self.metrics = Metrics(self.readings)
        self.feed = Feed()
        self.live = live
        self.now = project.now
        self.rate = Rate()
        self.overviews = Overviews(self)
        self.name = project.settings.name
        self._asked = asked
        polls = asked and live is None
        self._board = Board(self.desk, self.feed, self._told, failed, deliveries, polls=polls)
        self._looking: asyncio.Task[None] | None = None
        self._n_streams = 0
        self._ends: list[Callable[[], None]] = []

    async def start(self) -> None:
        """Know what there is to know, and learn what comes.

        Raises
        ------
        CoterieError
            A store cannot be read.
        """
        loop = asyncio.get_running_loop()
        await self._board.look()
        if self.live is not None:
            self._ends.append(self.live.subscribe(partial(self._later, loop)))
        self._looking = asyncio.create_task(self._board.run())
        if self._asked:
            self.overviews.begin()

    def close(self) -> None:
        """Answer no more, and let go whoever follows."""
        self.closed = True
        self.feed.close()
        self.overviews.close()
        for end in self._ends:
            end()
        if self._looking is not None:
            self._looking.cancel()

    @property
    def _desks(self) -> Sequence[Desk]:
        return self.desk, self.reading, self.computing, self.drafting, self.drawing

    def drop(self) -> None:
        """Begin no question that waits still: whoever asked was answered, or does not wait."""
        for desk in self._desks:
            desk.drop()

    def let_go(self) -> None:
        """Close the stores, once the questions at hand are answered."""
        self.studying.close()
        for desk in self._desks:
            desk.close()

    def _told(self, seen: Seen) -> None:
        self.guard.tokens = dict(seen.tokens)
        self.profiles.purposes = seen.purposes
        self.rate.note(time.monotonic(), seen.fates.stored)

    def _later(self, loop: asyncio.AbstractEventLoop, changes: list[Change]) -> None:
        """Have changes published; from the engine's thread."""
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(self._published, changes)

    def _published(self, changes: Sequence[Change]) -> None:
        self.feed.publish(changes)
        for change in changes:
            self.metrics.changed(change.segment, change.change)

    # --- figures -----------------------------------------------------------------------------

    async def status(self) -> Status:
        """Where the project stands now."""
        seen = await self._board.look()
        said = self.readings()
        fates, clock = seen.fates, said.get("clock")
        return Status(
            name=self.name, roles=dict(self.roles()), received=fates.received,
            stored=fates.stored, duplicate=fates.duplicate, quarantined=fates.quarantined,
            erased=fates.erased, waiting=seen.waiting,
            clock=None if clock is None else from_micros(int(clock * _SECOND)),
            lag=said.get("lag"), behind=_whole(said.get("behind")),
            people=_whole(said.get("people")),
        )  # fmt: skip

    def readings(self) -> Readings:
        """What is read and not counted, as of the last look."""
        seen = self._board.seen
        if seen is None:
            return {}
        fates = seen.fates
        found: dict[str, float] = {
            "received": fates.received, "stored": fates.stored, "duplicate": fates.duplicate,
            "quarantined": fates.quarantined, "erased": fates.erased, "waiting": seen.waiting,
            "streams": self._n_streams,
        }  # fmt: skip
        found |= {f"deliveries_{name}": n for name, n in seen.deliveries.items()}
        standing = None if self.live is None else self.live.standing()
        if standing is not None:
            found |= {
                "clock": standing.clock / _SECOND, "lag": standing.lag / _SECOND,
                "behind": standing.behind, "people": standing.people,
            }  # fmt: skip
        elif seen.clock is not None and seen.behind is not None:
            lag = max(0, self.now() - seen.clock) / _SECOND
            found |= {"clock": seen.clock / _SECOND, "lag": lag, "behind": seen.behind}
        if found.get("behind") == 0:
            found["lag"] = 0.0  # a quiet engine's clock rests, and nothing waits for it
        return found

    # --- changes -----------------------------------------------------------------------------

    def following(
        self, caller: Caller, segment: str, profile: str, last: int | None
    ) -> AsyncIterator[bytes]:
        """What one client that follows the changes is sent.

        Parameters
        ----------
        segment : str
            Only of this segment, of these stages, or of one stage (``lifecycle.loyal``).
        profile : str
            Only of this person, by any id.
        last : int or None
            The number after which to begin; by default what comes from now on.

        Raises
        ------
        Refused
            Too many follow.
        """
        self._room()
        if self.live is not None and not self.live.ready:
            raise UNREADY
        people = self._people(profile) if profile else None
        wanted = partial(self._wanted, caller.purpose, segment, people)
        number = self.feed.newest if last is None else last
        return self._counted(Following(self.feed, self.desk, wanted).told(number))

    def looking_on(self) -> AsyncIterator[bytes]:
        """What a page is sent that shows where the project stands.

        Raises
        ------
        Refused
            Too many follow.
        """
        self._room()
        return self._counted(self.overviews.stream())

    def _room(self) -> None:
        if self.closed or self._n_streams >= MOST:
            raise BUSY

    async def _counted(self, pages: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        self._n_streams += 1
        try:
            async for page in pages:
                yield page
        finally:
            self._n_streams -= 1

    def _people(self, said: str) -> frozenset[str]:
        ids = [*self.profiles.ids(said, "any")]
        found = [] if self.live is None else [self.live.profile(each) for each in ids]
        return frozenset([*ids, *(each.profile for each in found if each is not None)])

    async def _wanted(
        self, purpose: str, segment: str, people: frozenset[str] | None, changes: Sequence[Change]
    ) -> Sequence[Change]:
        group, _, stage = segment.partition(".")
        shown = [
            change for change in changes
            if group in ("", change.segment) and stage in ("", change.stage)
            and (people is None or change.profile in people)
        ]  # fmt: skip
        if not purpose or not shown:
            return shown
        purposes = self.profiles.purposes
        shown = [change for change in shown if purposes.get(change.segment) == purpose]
        may = await self._may(shown, purpose)
        return [change for change in shown if change.profile in may]

    async def _may(self, changes: Sequence[Change], purpose: str) -> set[str]:
        """Who of these people may be used for a purpose still."""
        people = sorted({change.profile for change in changes})
        if self.live is not None:
            found = {each: self.live.profile(each) for each in people}
            return {each for each, one in found.items() if one and one.may.get(purpose)}
        if not people:
            return set()
        at = max(change.at for change in changes)

        def ask(project: Project) -> set[str]:
            may = still_allowed(project, pa.array(people), purpose, at).to_pylist()
            return {each for each, allowed in zip(people, may, strict=True) if allowed}

        return await self.desk.ask(ask)


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
