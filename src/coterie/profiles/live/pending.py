"""Events that the lake has not yet: kept as they are, and made rows of when somebody asks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter

import msgspec
import pyarrow as pa

from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.storage import payload as payloads
from coterie.storage.explode import Exploder, folds
from coterie.storage.log import Entry

_OFFSET = attrgetter("offset")


class Kept(msgspec.Struct, frozen=True, gc=False):
    """An event as the log has it, and the person that it lies under: nothing that holds others.

    The collector of garbage does not look through the tens of thousands of them.
    """

    offset: int
    person: str | None
    payload: bytes

    @property
    def row(self) -> tuple[int, Event]:
        """Its offset and itself."""
        return self.offset, payloads.decode(self.payload)


class Pending:
    """Events in the order of the log.

    Attributes
    ----------
    names : set of str
        Of the events that were ever kept here, and of their lines.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._parts: list[tuple[TrackingPlan, list[Kept]]] = []
        self._asked: tuple[Sequence[str], dict[str, pa.Table]] | None = None
        self._gone: list[Kept] = []

    def __len__(self) -> int:
        return sum(len(kept) for _, kept in self._parts)

    def add(self, plan: TrackingPlan, entries: Sequence[tuple[Entry, Event]]) -> None:
        """Keep events."""
        if not entries:
            return
        del self._gone[-2 * len(entries) :]
        if not self._parts or self._parts[-1][0] is not plan:
            self._parts.append((plan, []))
        self._parts[-1][1].extend(
            Kept(
                entry.offset,
                event.anonymous_id if event.user_id is None else event.user_id,
                entry.payload,
            )
            for entry, event in entries
        )
        self._asked = None
        for name in {event.name for _, event in entries} - self.names:
            self.names |= folds(name, plan)

    def settle(self, offset: int) -> None:
        """Let go of the events up to an offset.

        Their memory is given back with the next that come, some at a time: all at once would keep
        those waiting.
        """
        if not self._parts or self._parts[0][1][0].offset > offset:
            return
        for _, kept in self._parts:
            n = bisect_right(kept, offset, key=_OFFSET)
            self._gone += kept[:n]
            del kept[:n]
        self._parts, self._asked = [part for part in self._parts if part[1]], None

    def of(self, people: Sequence[str]) -> dict[str, pa.Table]:
        """The rows of some people by event name; of the same list again, those made before."""
        if self._asked is None or self._asked[0] is not people:
            wanted = {*people}
            self._asked = (
                people,
                _joined(
                    exploded_rows(plan, (k.row for k in kept if k.person in wanted))
                    for plan, kept in self._parts
                ),
            )
        return self._asked[1]

    def unpacked(self) -> dict[str, pa.Table]:
        """The rows of all events by name, which are kept here no more."""
        parts, self._parts, self._asked = self._parts, [], None
        return _joined(exploded_rows(plan, (k.row for k in kept)) for plan, kept in parts)


def _joined(made: Iterable[dict[str, pa.Table]]) -> dict[str, pa.Table]:
    found: dict[str, list[pa.Table]] = {}
    for tables in made:
        for name, table in tables.items():
            found.setdefault(name, []).append(table)
    return {n: pa.concat_tables(t, promote_options="default") for n, t in found.items()}


def exploded_rows(plan: TrackingPlan, events: Iterable[tuple[int, Event]]) -> dict[str, pa.Table]:
    """Rows of events by name, as the lake would hold them."""
    exploder = Exploder(plan)
    for offset, event in events:
        exploder.add(event, offset)
    return dict(exploder.tables())
