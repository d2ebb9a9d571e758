"""Law 11: every event that was received has one fate, and the counts say so."""

from __future__ import annotations

import msgspec

from coterie.storage.ledger import Ledger
from coterie.storage.log import Log


class Balance(msgspec.Struct, frozen=True):
    """The fates of everything that was ever received.

    Parameters
    ----------
    received : int
        Events given to the log and rows that could not become one; a quarantined row that was
        fixed and given again counts once.
    stored, quarantined : int
        Those that are there now.
    duplicate, erased : int
        Those that were there already; those that were deleted with their person.
    """

    received: int
    stored: int
    duplicate: int
    quarantined: int
    erased: int

    @property
    def holds(self) -> bool:
        """Whether the fates add up to what was received."""
        return self.received == self.stored + self.duplicate + self.quarantined + self.erased


def balance(log: Log, ledger: Ledger) -> Balance:
    """The fates as counted by the log and the ledger, whose rows are counted anew."""
    logged, refused, reasons = log.tally(), ledger.tally(), ledger.reasons()
    conflicts = logged.conflict - refused["conflict_left"]
    return Balance(
        received=logged.received + refused["received"] - refused["released"],
        stored=logged.stored,
        duplicate=logged.duplicate + refused["duplicate"],
        quarantined=sum(n for reason, n in reasons.items() if reason != "conflict") + conflicts,
        erased=logged.erased + refused["erased"],
    )
