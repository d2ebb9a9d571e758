"""Events on their way to the partitions.

Those of all names that were fed between two steps of the clock are one batch, which each partition
takes its own events of in the thread that applies them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from coterie.engines.stream.batches import Batch, Columns, Words
from coterie.engines.stream.people import People

if TYPE_CHECKING:
    from coterie.engines.stream.engine import StreamEngine
    from coterie.engines.stream.partition import Partition


class Intake:
    """What was fed and is in no partition yet."""

    def __init__(self) -> None:
        self._fed: list[Columns] = []

    def feed(self, events: Columns) -> None:
        """Keep events of one name."""
        self._fed.append(events)

    def take(self, people: People) -> Batch | None:
        """All of it, to be admitted by each partition."""
        fed, self._fed = self._fed, []
        return Batch(people, fed) if fed else None

    def admit(self, people: People, parts: list[Partition]) -> None:
        """Let the partitions have all of it."""
        if self._fed and (events := self.take(people)) is not None:
            for i, part in enumerate(parts):
                part.admit(events, i)


def rows(engine: StreamEngine, name: str, events: pa.Table) -> list[tuple[int, Words]]:
    """Events as kernels read them, by partition; everybody in them has a row."""
    if not events.num_rows:
        return []
    found = []
    batch = Batch(engine.people, [Columns(engine.program, engine.texts, name, events)])
    for i, part in enumerate(engine.parts):
        mine, count = batch.rows(i)
        part.enroll(count)
        if len(mine):
            found.append((i, mine))
    return found
