"""Why memberships moved between two runs: an edit, a merge, what came late, the clock, a new fit.

From the former run's answer to this one's in steps, each of which changes one thing. At the former
position today's definitions are asked (``edit``), then what has become known since of that
position: the people whom new events joined (``merge``), and events that occurred by then and came
later (``late``). Then the clock moves, by the parameters that were active before (``run``), and
last come those that this run learnt (``refit``). A step is asked only where there is something of
its kind, and only about whom or what it may move.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from coterie.engines.fits import Fits
from coterie.profiles import fitting, members
from coterie.profiles.asking import Asking
from coterie.profiles.editing import as_edited
from coterie.profiles.questions import Questions
from coterie.profiles.stores import Position, Stores, answered
from coterie.storage import stored
from coterie.storage.identities import Identities
from coterie.storage.ledger import Run

_NOBODY = pa.nulls(0, pa.string())  # an array made of a list would load pandas


class Step(NamedTuple):
    """Where one cause leads: the memberships after it, and for whom it is a ``merge`` instead."""

    cause: str
    members: pa.Table
    merged: pa.Array = _NOBODY


class Causes:
    """The causes between a run and a position after it.

    Parameters
    ----------
    stores : Stores
        The lake holds all that the log does up to the position.
    questions, asking
        Today's, and by whom they are answered.
    former : Run
    position : Position
        Of this run.
    """

    def __init__(
        self,
        stores: Stores,
        questions: Questions,
        asking: Asking,
        former: Run,
        position: Position,
    ) -> None:
        self._stores, self._questions, self._asking = stores, questions, asking
        self._former, self._then, self._now = former, answered(former), position
        self._known = fitting.stored(stores.ledger, self._then.offset)

    def steps(self, before: pa.Table, now: pa.Table) -> list[Step]:
        """The way from the former run's memberships to these."""
        edited = as_edited(self._stores, self._questions, self._asking, self._former, before)
        learnt, merged = self._learnt(edited)
        return [
            Step("edit", edited),
            Step("late", learnt, merged),
            Step("run", self._unfitted(now)),
            Step("refit", now),
        ]

    def _learnt(self, middle: pa.Table) -> tuple[pa.Table, pa.Array]:
        """The memberships at the former clock by all that is known now, and who was joined."""
        log, lake, _ = self._stores
        elsewhere = partial(stored.owners, lake)
        owners = log.late(self._then.offset, self._now.offset, self._then.t, elsewhere)
        joins = Identities(lake.folder).joins(self._now.offset)
        new = joins.filter(pc.greater(joins["offset"], self._then.offset))
        if not owners and not new.num_rows:
            return middle, _NOBODY
        merged = pa.concat_arrays([_whole(new["anonymous"]), _whole(new["user"])])
        people = pa.concat_arrays([pa.array(sorted(owners), pa.string()), merged])
        users = joins.filter(pc.is_in(joins["anonymous"], value_set=people))["user"]
        return self._asked_again(middle, pa.concat_arrays([people, _whole(users)])), merged

    def _asked_again(self, middle: pa.Table, people: pa.Array) -> pa.Table:
        """The memberships with those of some people as they are known now, at the former clock."""
        names, then = self._questions.groups, self._then
        fits = fitting.fitted(
            self._questions, self._asking, names, [then.t], lambda: then.offset, self._known
        )
        spine = self._asking.everyone(self._now.offset, [then.t])
        spine = spine.filter(pc.is_in(spine["profile"], value_set=people))
        others = middle.filter(pc.invert(pc.is_in(middle["profile"], value_set=people)))
        return _joined(others, self._memberships(names, spine, fits))

    def _unfitted(self, now: pa.Table) -> pa.Table:
        """The memberships of now by the parameters that were active before."""
        names = self._refitted()
        if not names:
            return now
        others = now.filter(pc.invert(pc.is_in(now["segment"], pa.array(names, pa.string()))))
        spine = self._asking.everyone(self._now.offset, [self._now.t])
        return _joined(others, self._memberships(names, spine, self._known))

    def _refitted(self) -> list[str]:
        """The segments and stages that rest on parameters which are others than before.

        Not those that rest on any which had no version before: nothing was by them.
        """
        known = fitting.stored(self._stores.ledger, self._now.offset)
        found = []
        for name in self._questions.groups:
            keys = self._questions.asked.fitted([name])
            then = [self._known.active(key, *self._then) for key in keys]
            if None not in then and then != [known.active(key, *self._now) for key in keys]:
                found.append(name)
        return found

    def _memberships(self, names: Collection[str], spine: pa.Table, fits: Fits) -> pa.Table:
        library = self._questions.library
        segments, stages = _among(library.segments, names), _among(library.stages, names)
        if not spine.num_rows:
            return members.MEMBERS.empty_table()
        values = self._asking.values([*segments, *stages], spine, fits)
        return members.memberships(values, segments, stages)


def _among(names: Sequence[str], wanted: Collection[str]) -> list[str]:
    return [name for name in names if name in wanted]


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()


def _joined(some: pa.Table, others: pa.Table) -> pa.Table:
    rows = pa.concat_tables([some, others])
    return rows.sort_by([(key, "ascending") for key in members.KEYS])
