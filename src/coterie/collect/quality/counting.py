"""Counting what the gate says, until it is written down."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from coterie.language.time import DAY
from coterie.storage.ledger import Ledger
from coterie.storage.violations import Kind, add

if TYPE_CHECKING:
    from coterie.collect.gate import Judged

UNNAMED = "*"
"""Stands for the names of events that the plan does not have."""


class Tally:
    """Counts violations by day, source, event, path, rule and action."""

    def __init__(self) -> None:
        self.counts = Counter[Kind]()

    def add(self, judged: Judged, now: int) -> None:
        """Count what was found about one event.

        Parameters
        ----------
        now : int
            Microseconds UTC.
        """
        for path, rule, action in judged.violations:
            event = UNNAMED if path == "event" else judged.event.name
            kind = Kind(now // DAY, judged.event.source, event, path, rule, action)
            self.counts[kind] += 1

    def keep(self, ledger: Ledger) -> None:
        """Write the counts into the ledger, and begin anew."""
        if self.counts:
            add(ledger, self.counts)
            self.counts.clear()
