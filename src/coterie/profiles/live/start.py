"""Where a stream begins: empty, out of history at a position, or from a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pyarrow.compute as pc

from coterie.engines.fits import Fits
from coterie.engines.stream import StreamEngine
from coterie.errors import ClockError, DefinitionError, StoreError
from coterie.language.codec import to_json
from coterie.language.time import iso
from coterie.profiles import fitting, members, state
from coterie.profiles.live.ahead import ahead
from coterie.profiles.live.backlog import Backlog
from coterie.profiles.live.facts import Facts
from coterie.profiles.live.host import CHUNK, Host
from coterie.profiles.live.snapshots import Header, Snapshots
from coterie.profiles.live.terms import Terms, meaning
from coterie.profiles.questions import Questions
from coterie.profiles.stores import Stores
from coterie.storage.outbox import Mark, Outbox

START, ERASE = "start", "erase"
"""Causes of a difference between what history says and what the change records add up to."""


PARTITIONS = 2
"""How many threads share the people of a stream that begins."""


class Stopped(Exception):
    """Somebody wanted a stream to end before it had begun: it has recorded nothing."""


class Start:
    """Opens the stream of a project.

    Parameters
    ----------
    stores : Stores
        The lake holds all that the log does.
    questions : Questions
        Today's.
    snapshots : Snapshots
    silently : bool
        Keep nothing of what the stream says.
    again : int, optional
        Let it say all of what follows this offset, whatever was kept of it before.
    stopping : callable, optional
        Whether somebody wants it to end before it has begun.
    """

    def __init__(
        self,
        stores: Stores,
        questions: Questions,
        snapshots: Snapshots,
        *,
        silently: bool = False,
        again: int | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._stopping = stopping
        self._silently, self._again = silently, again
        self._stores = stores
        self._today = questions
        self._terms = Terms.of(questions.library)
        self._snapshots = snapshots

    def resumed(self) -> Host | None:
        """The stream where its newest good snapshot left it; None without one.

        Snapshots that are damaged, of another project or version, or that the engine refuses,
        are set aside.
        """
        mark = Outbox(self._stores.ledger).mark()
        if mark is None:
            return None
        for found, saved in self._snapshots.good(mark.offset):
            try:
                return self._loaded(found, saved)
            except (StoreError, DefinitionError):
                self._snapshots.set_aside(self._snapshots.path(found))
        return None

    def _loaded(self, mark: Header, saved: bytes) -> Host:
        if mark.offset < self._stores.log.forgotten():
            raise StoreError("a snapshot is older than what the log has kept")
        questions = self._terms.recorded(self._stores.ledger, mark.definitions_hash)
        if mark.meaning != meaning(questions):
            raise StoreError("a snapshot answers other questions, as the tracking plan changed")
        fits = fitting.stored(self._stores.ledger, mark.offset)
        engine = StreamEngine.load(saved, questions.asked, fits=fits)
        facts = self._facts(mark.offset)
        backlog = None if mark.horizon is None else Backlog(facts, mark.horizon)
        return self._host(questions, engine, facts, backlog)

    def out_of_history(self) -> Host:
        """The stream where it stood last, or the last run, computed from everybody's events.

        Where the change records add up to something else, the differences are recorded.

        Raises
        ------
        ClockError
            Nothing has moved the clock yet.
        """
        host = self.standing(self._position())
        self._record_differences(host)
        return host

    def standing(self, mark: Mark) -> Host:
        """The stream at a position, computed from everybody's events; nothing is recorded."""
        questions = self._questions(mark)
        fits = fitting.stored(self._stores.ledger, mark.offset)
        facts = self._facts(mark.offset)
        engine = self._engine(questions, mark.clock, mark.offset, fits)
        with closing(ahead(facts.by_person(engine.needs(), mark.clock, CHUNK))) as pieces:
            for some, events in pieces:
                if self._stopping():
                    raise Stopped
                engine.rebuild(some, events, cause=START, offset=mark.offset)
        engine.changes()  # everyone's entrances, which the records hold already
        return self._host(questions, engine, facts, Backlog(facts, mark.clock))

    def _position(self) -> Mark:
        """The later of the stream's own position and that of the last run."""
        mark, run = Outbox(self._stores.ledger).mark(), self._stores.ledger.last_run()
        if run is not None and (mark is None or run.counts["offset"] > mark.offset):
            return Mark(
                offset=run.counts["offset"], clock=run.clock, horizon=run.clock,
                definitions_hash=run.definitions_hash, settled=run.counts["offset"],
            )  # fmt: skip
        if mark is not None:
            return mark
        clock = self._stores.log.clock()
        if clock is None:
            raise ClockError(
                "the clock was never moved, so the stream has nowhere to begin but empty",
                where="--from", hint="type: coterie run --until DATE, or replay --from empty",
            )  # fmt: skip
        digest = self._defined(clock)
        end = self._stores.log.end()
        return Mark(offset=end, clock=clock, horizon=clock, definitions_hash=digest, settled=end)

    def _questions(self, mark: Mark) -> Questions:
        """Those in force there; today's, where those mean nothing under today's tracking plan."""
        try:
            return self._terms.recorded(self._stores.ledger, mark.definitions_hash)
        except DefinitionError:
            return self._today

    def _record_differences(self, host: Host) -> None:
        mark = host.mark
        every = state.read_changes(self._stores.lake, self._stores.ledger)
        every = every.filter(pc.less_equal(every["offset"], mark.offset))
        erased = self._stores.log.read(mark.offset, 1, "erase")  # of whom history knows no more
        last = pc.max(every.filter(pc.equal(every["offset"], mark.offset))["sequence"]).as_py()
        found = members.changes(
            members.folded(every), host.engine.members(), at=mark.clock, version=host.version,
            offset=mark.offset, first=(last or 0) + 1,
            cause=ERASE if erased else START,
        )  # fmt: skip
        host.begin(found)

    def empty(self, now: int) -> Host:
        """A stream that knows nobody yet, before the first event, or now where there is none.

        Raises
        ------
        ClockError
            The clock stands somewhere already: nobody can enter before it.
        """
        log = self._stores.log
        clock = log.clock()
        if clock is not None:
            raise ClockError(
                "the clock stands somewhere already, and never moves back",
                where="--from empty", got=iso(clock), hint="go on from there: --from start",
            )  # fmt: skip
        with closing(self._facts(log.end())) as facts:
            ends = facts.ends()
        first = now if ends is None else ends[0] - 1
        self._defined(first)
        facts = self._facts(log.end())
        engine = self._engine(self._today, first, facts.offset, Fits())
        host = self._host(self._today, engine, facts, Backlog(facts, first))
        host.begin(members.CHANGES.empty_table())
        return host

    def _defined(self, at: int) -> str:
        """Enter today's definitions into the log, and return their hash."""
        digest = define(self._stores, self._today, at)
        self._stores.lake.flush(self._stores.log, self._terms.plan)
        return digest

    def _engine(self, questions: Questions, clock: int, offset: int, fits: Fits) -> StreamEngine:
        return StreamEngine(
            questions.asked, clock, fits=fits, offset=offset, partitions=PARTITIONS
        )  # fmt: skip

    def _host(
        self, questions: Questions, engine: StreamEngine, facts: Facts, backlog: Backlog | None
    ) -> Host:
        return Host(
            self._stores, questions, engine, facts, backlog, silently=self._silently,
            again=self._again,
        )  # fmt: skip

    def _facts(self, offset: int) -> Facts:
        return Facts(self._stores.lake, self._terms.plan, offset)


def define(stores: Stores, questions: Questions, at: int) -> str:
    """Enter definitions into the log and the ledger, and return their hash."""
    body, digest = to_json(questions.definitions), questions.library.hash()
    stores.log.append("definitions", at, body.encode())
    stores.ledger.add_definitions(digest, at, body)
    return digest
