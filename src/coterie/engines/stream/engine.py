"""The stream engine: every definition kept current as events arrive and as time passes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from coterie.engines.fits import Fits
from coterie.engines.stream import answers, editing, rebuilding, saving
from coterie.engines.stream import layout as y
from coterie.engines.stream.batches import Columns, Words
from coterie.engines.stream.compiler import compile_
from coterie.engines.stream.intake import Intake, rows
from coterie.engines.stream.parameters import next_activation, parameters
from coterie.engines.stream.partition import Partition
from coterie.engines.stream.people import People
from coterie.engines.stream.program import OTHER
from coterie.engines.stream.records import Records
from coterie.engines.stream.texts import Texts
from coterie.engines.stream.threads import Threads
from coterie.errors import ClockError
from coterie.language.library import Library
from coterie.language.time import iso
from coterie.language.types import Type

__all__ = ["StreamEngine"]

UNLIMITED = 2**62
FEW = 1_000
"""Waiting events that one thread is enough for."""
BUDGET = 2**20
"""Bytes: some 30,000 occurrences in windows."""


class StreamEngine:
    """Traits, segments and stages of everyone, at a clock that only `advance` moves.

    Parameters
    ----------
    library : Library
    clock : int
        Microseconds UTC; events up to it are history, later ones wait until they are due.
    fits : Fits, optional
        Versions of fitted parameters.
    offset : int
        The last log entry that was handled.
    partitions : int
        How many threads share the people; the answers are the same with any number.
    budget : int
        Bytes that one person's windows, sets and waits may take before they are let go
        (:meth:`cold`).

    Notes
    -----
    The unit of evaluation is one person at one instant: first the person's deadlines before it,
    one by one, then what is over and what happened at it, then one evaluation. Between calls
    nothing moves. An event that is not after the clock is not applied: its profile becomes
    :meth:`stale`, and the host answers with :meth:`rebuild`.
    """

    span = 0

    def __init__(
        self,
        library: Library,
        clock: int,
        *,
        fits: Fits | None = None,
        offset: int = 0,
        partitions: int = 1,
        budget: int = BUDGET,
    ) -> None:
        self.library, self.budget = library, budget
        self.clock, self.offset = clock, offset
        self.fits = fits or Fits()
        self.texts = Texts()
        self.program = compile_(library, self.texts)
        self._people = People(partitions)
        self.records = Records()
        self.set_up({})

    def set_up(self, stale: dict[str, str]) -> None:
        """Make the partitions, empty, and what runs them."""
        self._stale = stale
        self._intake = Intake()
        n = self._people.partitions
        active = parameters(self.program, self.fits, self.offset, self.clock)
        self._parts = [self.partition(active) for _ in range(n)]
        self._threads = Threads(n)

    def partition(self, active: Words) -> Partition:
        """An empty partition with the parameters of the active fits."""
        return Partition(self.program, self.texts, active, self.taken, self.budget, self.span)

    def taken(self, part: Partition, rows: Words) -> None:
        """Keep what a kernel recorded until it is asked for."""
        where = self._parts.index(part)
        profiles = self._people.named(where, rows[:, y.R_PERSON])
        self.records.add(rows, profiles, self.program, where)

    @property
    def people(self) -> People:
        """The profiles of whoever was fed."""
        self._intake.admit(self._people, self._parts)
        return self._people

    @property
    def parts(self) -> list[Partition]:
        """The partitions, with all that was fed."""
        self._intake.admit(self._people, self._parts)
        return self._parts

    def each(self, work: Any, parts: Iterable[int] | None = None, *, light: bool = False) -> None:
        """Do something with every partition, in threads where there are several and it is much."""
        chosen = list(range(len(self._parts)) if parts is None else parts)
        self.texts.refresh()
        (Threads(1) if light else self._threads).each(work, chosen)

    # --- events and time -------------------------------------------------------------------------

    def needs(self) -> dict[str, dict[str, Type]]:
        """Each event name that definitions read, with the properties they read and their types."""
        return {name: dict(kinds) for name, kinds in self.program.kinds.items() if name != OTHER}

    def feed(self, name: str, events: pa.Table) -> None:
        """Take events of one name: those after the clock wait, the others make profiles stale.

        Events that no definition reads count as well: whoever has any event is somebody.

        Parameters
        ----------
        events : pyarrow.Table
            ``profile``, ``at`` (microseconds UTC), ``key`` (16 bytes), and
            :func:`coterie.engines.sql.sources.column` of each property of :meth:`needs`, in units.
        """
        late = events["at"].to_numpy() <= self.clock
        if late.any():
            for profile in events["profile"].filter(pa.array(late)).unique().to_pylist():
                self._stale.setdefault(profile, "late")
            events = events.filter(pa.array(~late))
        self.wait(name, events)

    def wait(self, name: str, events: pa.Table) -> None:
        """Keep events of one name until they are due."""
        if events.num_rows:
            self._intake.feed(Columns(self.program, self.texts, name, events))

    def rows(self, name: str, events: pa.Table) -> list[tuple[int, Words]]:
        """Events as kernels read them, by partition; everybody in them has a row."""
        return rows(self, name, events)

    def advance(self, t: int, *, offset: int, limit: int | None = None) -> bool:
        """Move the clock, apply what becomes due, and record every change at its instant.

        Parameters
        ----------
        t : int
            Microseconds UTC, not before the clock.
        offset : int
            Of the log entry that moves the clock.
        limit : int, optional
            How many deadlines to act on, beside those that events force.

        Returns
        -------
        bool
            Whether all deadlines up to `t` were acted on; if not, advance to `t` again. Whatever
            is asked of a person acts on that person's deadlines first.

        Raises
        ------
        ClockError
            `t` is before the clock.
        """
        if t < self.clock:
            raise ClockError(
                "the clock of the stream cannot be moved back",
                where="advance", got=iso(t), expected=f"{iso(self.clock)} or later",
            )  # fmt: skip
        self.records.tick(t, offset)
        while (at := next_activation(self.program, self.fits, offset, self.clock, t)) < t or (
            at == t and self._activates(at)
        ):
            self._to(at - 1, offset, UNLIMITED)
            self._activate(at, offset)
            if at == t:
                break
        drained = self._to(t, offset, UNLIMITED if limit is None else limit)
        self.shed()
        return drained

    def _activates(self, at: int) -> bool:
        return self.clock < at and any(
            fit.at == at
            for node in self.program.slots
            for fit in self.fits.versions(self.library.fit_key(node))
        )

    def _activate(self, at: int, offset: int) -> None:
        """Let versions become active at an instant: everyone is evaluated there."""
        self._set_parameters(offset, at)
        self._to(at, offset, UNLIMITED)
        self._settle_all("refit", offset)

    def _to(self, t: int, offset: int, limit: int) -> bool:
        self.clock, self.offset = max(t, self.clock), offset
        self.records.now = ("", offset)
        share = max(limit // len(self._parts), 1)
        left = [share] * len(self._parts)

        events = self._intake.take(self._people)

        def work(i: int) -> None:
            if events is not None:
                self._parts[i].admit(events, i)
            left[i] -= self._parts[i].step(t, share)

        n = sum(part.n_waiting for part in self._parts) + (0 if events is None else len(events))
        self.each(work, light=n < FEW and limit < UNLIMITED)
        drained = all(n > 0 for n in left)
        if drained:
            self.records.drained(self.clock)
        return drained

    # --- corrections -----------------------------------------------------------------------------

    def stale(self) -> dict[str, str]:
        """Profiles whose history has to be read again, with the cause, since the last call."""
        found, self._stale = self._stale, {}
        return found

    def rebuild(
        self,
        profiles: Sequence[str],
        histories: Mapping[str, pa.Table],
        *,
        cause: str,
        offset: int,
    ) -> None:
        """Make people what their histories say at the clock; the differences are recorded there.

        Parameters
        ----------
        profiles : sequence of str
            Who; somebody without any event left leaves everything and is forgotten.
        histories : mapping of str to pyarrow.Table
            Event name -> every visible event of these people and of nobody else, as for
            :meth:`feed`; those after the clock wait.
        cause : str
            ``start, late, merge, split, erase`` …
        offset : int
            Of the log entry that asks for it.
        """
        rebuilding.rebuild(self, profiles, histories, cause, offset)

    def cold(self, t: int | None = None) -> list[str]:
        """People whose state was let go as it took more than the budget.

        Parameters
        ----------
        t : int, optional
            Only those whom moving the clock to `t` concerns.

        Notes
        -----
        Their memberships stay, and so does their next deadline; their state is their history. The
        host gives it back (:meth:`warm`) before the clock moves to `t`, and everybody's before it
        reads them, refits, edits or saves the digest.
        """
        return rebuilding.cold(self, t)

    def warm(self, profiles: Sequence[str], histories: Mapping[str, pa.Table]) -> None:
        """Give people their state back, as it was at their last unit; nothing is recorded.

        Parameters
        ----------
        profiles : sequence of str
            Of :meth:`cold`.
        histories : mapping of str to pyarrow.Table
            As for :meth:`rebuild`; what is ahead waits already, and is not taken again.
        """
        rebuilding.warm(self, profiles, histories)

    def shed(self) -> None:
        """Let go of whatever is over the budget."""
        for part in self.parts:
            part.shed()

    def refit(self, fits: Fits, *, offset: int) -> None:
        """Know other versions of fits, and evaluate everyone by those active at the clock."""
        self.fits = fits
        self.drain()
        self._set_parameters(offset, self.clock)
        self._settle_all("refit", offset)
        self.shed()

    def drain(self) -> None:
        """Act on every deadline up to the clock."""
        self._to(self.clock, self.offset, UNLIMITED)

    def _set_parameters(self, offset: int, t: int) -> None:
        self.offset = offset
        for part in self.parts:
            part.know(parameters(self.program, self.fits, offset, t))

    def _settle_all(self, cause: str, offset: int) -> None:
        self.offset = offset
        self.records.now = (cause, offset)
        for i, part in enumerate(self.parts):
            rebuilding.refuse_cold(part, self.people.present(i), cause)
        self.each(lambda i: self.parts[i].settle(self.people.present(i), self.clock))

    # --- definitions -----------------------------------------------------------------------------

    def edit_needs(self, library: Library) -> dict[str, dict[str, Type]]:
        """The events that :meth:`edit` wants the history of everyone of, as :meth:`needs`."""
        return editing.needs(self, library)

    def edit(
        self,
        library: Library,
        histories: Mapping[str, pa.Table] | None,
        *,
        fits: Fits,
        offset: int,
    ) -> None:
        """Go on with other definitions: what is unchanged keeps its state, the rest is folded.

        Parameters
        ----------
        histories : mapping of str to pyarrow.Table or None
            For each event name of :meth:`edit_needs`, every visible event of everyone.

        Notes
        -----
        Whoever belongs by one version and not by the other changes at the clock, cause ``edit``;
        segments and stages that are no more are left by everyone.
        """
        self.drain()
        editing.edit(self, library, histories or {}, fits, offset)
        self.shed()

    # --- answers ---------------------------------------------------------------------------------

    def changes(self) -> pa.Table:
        """The membership changes recorded since the last call, by offset, instant and profile.

        Returns
        -------
        pyarrow.Table
            ``profile, segment, stage, change`` (``entered`` or ``exited``), ``at``, ``cause``,
            ``reason`` and ``offset``.
        """
        return self.records.take()

    def read(self, names: Sequence[str], profiles: Sequence[str] | None = None) -> pa.Table:
        """The values of definitions at the clock, in units: everyone's by profile, or those asked.

        A profile without an event by the clock is left out.
        """
        return answers.read(self, names, profiles)

    def members(self) -> pa.Table:
        """Every membership at the clock: ``profile, segment, stage``, in that order."""
        self.drain()
        return answers.members(self)

    def reached(self) -> dict[str, int]:
        """Of how many people a live event reached each definition since their history was read."""
        return editing.reached(self)

    def digest(self) -> str:
        """A hash of all that the engine knows, reals rounded: equal for equal logs.

        Batches, partitions, snapshots and restarts change nothing of it.
        """
        return answers.digest(self)

    def sizes(self) -> dict[str, int]:
        """Bytes, and how many there are of people and else (:func:`answers.sizes`)."""
        return answers.sizes(self)

    def save(self) -> bytes:
        """All state as bytes, for :meth:`load`."""
        return saving.save(self)

    @classmethod
    def load(
        cls, saved: bytes, library: Library, *, fits: Fits | None = None, budget: int = BUDGET
    ) -> StreamEngine:
        """The engine that was saved, for the same definitions.

        Raises
        ------
        StoreError
            The bytes are no saved engine, or one of other definitions.
        """
        return saving.load(cls, saved, library, fits or Fits(), budget)
