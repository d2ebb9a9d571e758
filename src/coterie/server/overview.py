"""Where a project stands, put together once a second for everybody who looks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from coterie.errors import CoterieError
from coterie.language.time import from_micros
from coterie.profiles.flows import HOUR, Flows
from coterie.profiles.unusual import unusual
from coterie.project import Project
from coterie.project.freshness import Sources
from coterie.project.reports import SegmentReport
from coterie.server import attention, preparing
from coterie.server.api.rooms.home_views import Attention, Group, Overview
from coterie.server.desk import Busy
from coterie.server.rates import Rate
from coterie.server.sparks import moved, points

if TYPE_CHECKING:
    from coterie.server.api.knowing import Api

SECOND = 1.0
"""Seconds that one overview is good for."""

_SLOWLY = 15.0
"""Seconds between two looks at sources, schedules and destinations; and between two beats."""

_WEEK = 7 * 24
_MANY = 100
"""Look-ups a second beside which pages are not made ready,"""
_PATIENCE = 60.0
"""but for a piece that has waited so many seconds."""

_BEHIND = 10_000
"""Entries that may wait for the engine before somebody should know."""

_ENCODER = msgspec.json.Encoder()

Sized = Mapping[tuple[str, str], int]


class Overviews:
    """Tells where a project stands; belongs to one event loop.

    Parameters
    ----------
    api : Api
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._flows, self._sources = Flows(), Sources()
        self._made: tuple[float, Overview] | None = None
        self._making = asyncio.Lock()
        self._told: list[Attention] = []
        self._told_at = float("-inf")
        self._beginning: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._prepared: int | None = None
        self._asked = Rate(SECOND)
        self._ended = asyncio.Event()

    def begin(self) -> None:
        """Put the first one together before anybody asks: what was published is counted once."""
        self._beginning = asyncio.create_task(self._begin())

    def close(self) -> None:
        """Let everybody go who looks on."""
        self._ended.set()
        for task in (self._beginning, self._telling, self._preparing):
            if task is not None:
                task.cancel()

    async def now(self) -> Overview:
        """The overview of this second.

        Raises
        ------
        CoterieError, Busy
            A store cannot be read, or too many ask.
        """
        async with self._making:
            time = asyncio.get_running_loop().time()
            if self._made is None or time - self._made[0] >= SECOND:
                self._look_slowly(time)
                self._made = time, await self._make()
            return self._made[1]

    async def stream(self) -> AsyncIterator[bytes]:
        """The overview again and again as server-sent events, whenever it is another."""
        said, quiet = b"", 0.0
        while not self._ended.is_set():
            body = await self._body()
            quiet = 0.0 if body != said else quiet + SECOND
            if body != said:
                yield b"event: overview\ndata: %b\n\n" % body
            elif quiet >= _SLOWLY:
                yield b": beat\n\n"
                quiet = 0.0
            said = body
            await self._rest()

    async def _begin(self) -> None:
        live = self._api.live
        while live is not None and not live.ready and not self._ended.is_set():
            await self._rest()
        await self._body()

    async def _body(self) -> bytes:
        try:
            return _ENCODER.encode(await self.now())
        except (CoterieError, OSError, Busy):  # the page keeps what it knows
            return b""

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._ended.wait(), SECOND)
        except TimeoutError:
            return

    def _look_slowly(self, time: float) -> None:
        """Have what needs a second look looked for, beside whoever asks."""
        if time - self._told_at >= _SLOWLY and (self._telling is None or self._telling.done()):
            self._told_at = time
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        try:
            now = None if self._api.live is None else self._api.now()
            looking = partial(attention.told, self._sources, now)
            self._told = await self._api.computing.ask(looking)
        except (CoterieError, OSError, Busy):
            return  # a store that cannot be read is told of by the board

    def _prepare(self, report: SegmentReport | None) -> None:
        """Have worked out what pages need of an answer that is new."""
        if report is not None and report.offset != self._prepared:
            self._prepared = report.offset
            if self._preparing is not None:
                self._preparing.cancel()
            self._preparing = asyncio.create_task(self._in_pieces())

    async def _in_pieces(self) -> None:
        with suppress(CoterieError, OSError, Busy):  # whoever asks is told
            api = self._api
            await api.reading.ask_at_rest(preparing.met)
            for piece in await api.computing.ask(preparing.pieces):
                await self._undisturbing()
                found = await api.computing.ask(partial(preparing.worked, piece))
                await api.reading.ask(partial(preparing.taken, found))

    async def _undisturbing(self) -> None:
        """Wait while many look people up: they share an interpreter with what pages rest on."""
        time = asyncio.get_running_loop().time
        end = time() + _PATIENCE
        self._asked.note(time(), self._api.profiles.n_asked)
        while (self._asked.per_second() or 0.0) > _MANY and time() < end:
            await self._rest()
            self._asked.note(time(), self._api.profiles.n_asked)

    async def _make(self) -> Overview:
        api = self._api
        report = await api.desk.ask(self._report)
        self._prepare(report)
        live = api.live if api.live is not None and api.live.ready else None
        sizes = None if live is None else await asyncio.to_thread(live.sizes)
        await api.reading.ask(lambda project: self._flows.look(project.stores))
        said, now = api.readings(), api.now() if sizes or report is None else report.at
        hours = _Hours(now // HOUR, self._flows.first(now) // HOUR)
        groups = [*self._groups(report, None if sizes is None else sizes.holds, hours)]
        people = said.get("people", None if report is None else report.people)
        return Overview(
            at=from_micros(now), live=sizes is not None,
            people=None if people is None else int(people), rate=api.rate.per_second(),
            lag=said.get("lag"), received=int(said.get("received", 0)),
            stored=int(said.get("stored", 0)), quarantined=int(said.get("quarantined", 0)),
            waiting=int(said.get("waiting", 0)), resolution="days" if hours.long else "hours",
            segments=groups, attention=[*self._now(said), *self._moved(groups, hours), *self._told],
        )  # fmt: skip

    def _report(self, project: Project) -> SegmentReport | None:
        """What was published last; None where nothing was yet."""
        if project.stores.ledger.last_run() is None:
            return None
        return self._api.sizes.report(project)

    # --- segments ----------------------------------------------------------------------------

    def _groups(
        self, report: SegmentReport | None, sizes: Sized | None, hours: _Hours
    ) -> Iterator[Group]:
        published = {} if report is None else dict(_published(report))
        holds = {key: each.holds for key, each in published.items()} if sizes is None else sizes
        order = [key for key in published if key in holds]
        for key in dict.fromkeys([*order, *holds]):
            known, flows = published.get(key), self._flows.of(key)
            entered, left = moved(flows, hours.now, hours.first)
            yield Group(
                name=".".join(filter(None, key)),
                kind=known.kind if known else ("stages" if key[1] else "segment"),
                purpose=known.purpose if known else self._api.profiles.purposes.get(key[0], ""),
                holds=holds[key], audience=known.audience if known else None,
                entered=entered, left=left,
                points=points(flows, hours.now, hours.first, holds[key], days=hours.long),
            )  # fmt: skip

    # --- what needs attention ----------------------------------------------------------------

    def _now(self, said: Mapping[str, float]) -> Iterator[Attention]:
        api = self._api
        standing = None if api.live is None else api.live.standing()
        if standing is not None and standing.error:
            yield Attention("definitions", said=standing.error)
        if said.get("behind", 0) > _BEHIND:
            yield Attention("behind", n=int(said["behind"]))
        if said.get("quarantined"):
            yield Attention("quarantine", n=int(said["quarantined"]))

    def _moved(self, groups: list[Group], hours: _Hours) -> Iterator[Attention]:
        for each in groups:
            segment, _, stage = each.name.partition(".")
            flows = self._flows.of((segment, stage))
            found = unusual(flows, hours.now, hours.first + 1, each.holds)
            if found is not None:
                yield Attention("segment", each.name, n=found.by, usual=found.usual)


class _Hours(NamedTuple):
    """The hour at hand, and that of the first record, since 1970."""

    now: int
    first: int

    @property
    def long(self) -> bool:
        """Whether there is a week and more to look back on."""
        return self.now - self.first >= _WEEK


class _Published(NamedTuple):
    kind: str
    purpose: str
    holds: int
    audience: int


def _published(report: SegmentReport) -> Iterator[tuple[tuple[str, str], _Published]]:
    for group in report.groups:
        alone = group.kind == "segment"
        for size in group.sizes:
            key = group.name, "" if alone else size.name
            yield key, _Published(group.kind, group.purpose, size.holds, size.audience)
