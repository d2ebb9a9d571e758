"""The events of one person: when and which all of them were, and what some of them said."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from coterie.engines.reference import Fact
from coterie.language.plan import TrackingPlan
from coterie.profiles.stores import Position
from coterie.profiles.timeline import Happened, Told

HEAD = ["name", "at", "offset", "retired", "key"]
"""What is known of each event at once."""

Span = tuple[int, int]
"""From one instant to another, both included; microseconds UTC."""

Read = Callable[[Span, Collection[str] | None], list[dict[str, Any]]]

_FACT = ["key", "name", "at", "offset", "retired"]
"""The beginning of a fact."""
_ALWAYS = -(2**63), 2**63 - 1


class Eventful(Exception):
    """Somebody has more events than there is time to look at now."""


class Events:
    """Every event of one person, of which no more is read than is asked for.

    Parameters
    ----------
    head : pyarrow.Table
        The columns `HEAD`, by instant and then key.
    read : callable
        The whole rows of a span, in the same order; of some names, or of all.
    plan : TrackingPlan
    said : collection of str
        The events that are read for what they said: of others it counts that they happened.
    most : int or None
        How many events engines may be given; None for however many there are.
    """

    def __init__(
        self, head: pa.Table, read: Read, plan: TrackingPlan, said: Collection[str],
        most: int | None = None,
    ) -> None:  # fmt: skip
        self._most = most
        self._head = head.select(HEAD)
        self._read = read
        self._plan = plan
        self._said = {*said}
        self._lines = {line for e in plan.events.values() for line in e.explode.values()}

    @cached_property
    def _facts(self) -> list[Fact]:
        names = self._head["name"]
        heard = pc.is_in(names, value_set=pa.array(sorted(self._said), pa.string()))
        silent = self._head.filter(pc.invert(heard))
        told = self._read(_ALWAYS, self._said) if silent.num_rows < len(names) else []
        columns = (silent[name].to_pylist() for name in _FACT)
        return [*map(Fact, *columns), *Told(told, self._plan).facts()]

    def facts(self) -> list[Fact]:
        """The events as engines see them, in no order: what no definition reads is not read.

        Raises
        ------
        Eventful
            There are too many.
        """
        if self._most is not None and self._head.num_rows > self._most:
            raise Eventful
        return self._facts

    def seen(self, position: Position) -> pa.Table:
        """The events that a position sees, oldest first; an array's lines are in their parent."""
        offset, t = position
        head = self._head
        stands = pc.or_kleene(pc.is_null(head["retired"]), pc.greater(head["retired"], offset))
        known = pc.and_(pc.less_equal(head["offset"], offset), pc.less_equal(head["at"], t))
        lines = pc.is_in(head["name"], value_set=pa.array(sorted(self._lines), pa.string()))
        return head.filter(pc.and_not(pc.and_(known, stands), lines))

    def told(self, some: pa.Table, position: Position) -> list[Happened]:
        """What some of the events that a position sees said, in their order."""
        if not some.num_rows:
            return []
        ends = pc.min_max(some["at"]).as_py()
        rows = self._read((ends["min"], ends["max"]), None)
        wanted = {*zip(some["key"].to_pylist(), some["name"].to_pylist(), strict=True)}
        return Told([r for r in rows if (r["key"], r["name"]) in wanted], self._plan).seen(position)
