"""Watching a segment: who enters and leaves, with why, as the stream records it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from coterie.errors import CoterieError
from coterie.profiles import transitions
from coterie.profiles.why.clauses import Clause
from coterie.project.exporting import check
from coterie.project.permission import purpose_of, still_allowed
from coterie.project.reports import Report
from coterie.storage.outbox import Outbox

if TYPE_CHECKING:
    from coterie.project.project import Project

EXPLAINED = 20
"""Movements of one look that are explained; where there are more, the others have their cause."""


class Movement(Report, frozen=True):
    """Somebody entered or left.

    Parameters
    ----------
    number : int
        Of the record; each has its own, in the order of their commits.
    at : int
        The instant of the change, microseconds UTC.
    name : str
        The segment, or ``stages.stage``.
    change : str
        ``entered`` or ``exited``.
    cause : str
        ``event``, ``time``, ``late``, ``merge``, ``edit``, ``refit``, …
    version : int
        Of the definitions.
    why : list of str
        The conditions that decided it, with what they were at that instant, by what is known now.
    """

    number: int
    profile: str
    at: int
    name: str
    change: str
    cause: str
    version: int
    why: list[str]


class Look(Report, frozen=True):
    """What was new at one look.

    Parameters
    ----------
    movements : list of Movement
        Of people who may be used for the segment's purpose still.
    others : int
        How many more moved, who may not.
    """

    movements: list[Movement]
    others: int


class Watch:
    """Follows the records of one segment or stages.

    Parameters
    ----------
    project : Project
    name : str
        ``vip``, ``lifecycle``, or one stage: ``lifecycle.loyal``.
    latest : int
        How many of the latest records to begin with.
    """

    def __init__(self, project: Project, name: str, latest: int = 0) -> None:
        self._project = project
        self._group, _, self._stage = name.partition(".")
        if self._stage or self._group not in project.questions.groups:
            check(project, self._group, self._stage)
        self._purpose = purpose_of(project, self._group)
        lake, ledger = project.stores.lake, project.stores.ledger
        self._outbox = Outbox(ledger)
        self._last = transitions.last(lake, self._outbox)
        if latest:
            found = transitions.latest(lake, self._outbox, latest, self._own)["id"]
            self._last = found[0].as_py() - 1 if len(found) else self._last

    def follow(self, rest: Callable[[], bool]) -> Iterator[Look]:
        """Every look at which there is something new; between two looks `rest` is called.

        Parameters
        ----------
        rest : callable
            Waits a moment; false ends it.
        """
        while True:
            found = self.look()
            if found.movements or found.others:
                yield found
            if not rest():
                return

    def look(self) -> Look:
        """What is new since the last look."""
        new = transitions.since(self._project.stores.lake, self._outbox, self._last)
        if not new.num_rows:
            return Look([], 0)
        self._last = new["id"][-1].as_py()
        own = self._own(new)
        if not own.num_rows:
            return Look([], 0)
        profiles = own["profile"].combine_chunks()
        may = still_allowed(self._project, profiles, self._purpose, pc.max(own["at"]).as_py())
        shown = own.filter(may)
        explain = shown.num_rows <= EXPLAINED
        movements = [self._movement(row, explain) for row in shown.to_pylist()]
        return Look(movements, own.num_rows - shown.num_rows)

    def _own(self, records: pa.Table) -> pa.Table:
        own = pc.equal(records["segment"], self._group)
        if self._stage:
            own = pc.and_(own, pc.equal(records["stage"], self._stage))
        return records.filter(own)

    def _movement(self, row: dict[str, object], explain: bool) -> Movement:
        profile, at = str(row["profile"]), int(str(row["at"]))
        name = f"{self._group}.{row['stage']}" if row["stage"] else self._group
        return Movement(
            number=int(str(row["id"])), profile=profile, at=at, name=name,
            change=str(row["change"]), cause=str(row["cause"]), version=int(str(row["version"])),
            why=self._why(profile, name, at, row["change"] == "entered") if explain else [],
        )  # fmt: skip

    def _why(self, profile: str, name: str, at: int, entered: bool) -> list[str]:
        """The conditions at an instant; none where the lake does not have the person yet."""
        try:
            found = self._project.people.why(profile, name, at)
        except CoterieError:
            return []
        parts = [part for below in found.clauses.parts for part in _single(below)]
        deciding = [part for part in parts if (part.holds is True) is entered]
        return [_said(part) for part in deciding or parts]


def _said(clause: Clause) -> str:
    """A condition, whether it held, and the values that it was about."""
    mark = {True: "yes", False: "no", None: "unknown"}[clause.holds]
    values = ", ".join(f"{part.text} = {part.value}" for part in clause.parts if part.value)
    return f"{mark}: {clause.text}{f' ({values})' if values else ''}"


def _single(clause: Clause) -> Iterator[Clause]:
    """The conditions in a condition that are no combinations of others."""
    inner = [part for part in clause.parts if part.condition]
    if clause.condition and not inner:
        yield clause
    for part in inner:
        yield from _single(part)
