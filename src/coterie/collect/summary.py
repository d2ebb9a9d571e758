"""What an import did, in rows, orders and events, with sums that can be checked by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from coterie.collect.staging import Counted


class Fates(msgspec.Struct):
    """The fates of events (law 11): every received one has exactly one."""

    received: int = 0
    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0

    @property
    def balanced(self) -> bool:
        """Whether every received event has exactly one fate."""
        return self.received == self.stored + self.duplicate + self.quarantined


class Summary(msgspec.Struct):
    """What an import did.

    Parameters
    ----------
    files : list of str
        Their names, without folders.
    n_read, n_accepted, n_quarantined : int
        Rows; every row read is accepted or quarantined. Blank lines are no rows.
    n_anonymous : int
        Accepted rows without a person; stored with no profile.
    n_repeated : int
        Accepted rows that repeat an earlier row of their file exactly.
    n_facts, n_people, n_items : int
        Distinct facts (orders, where rows are lines), people, and products.
    n_grown : int
        Stored events that supersede a smaller statement of the same fact.
    rows : dict of str to int
        Accepted rows per event name.
    facts : dict of str to int
        Events per event name, before it is known which are new.
    sums, sums_anonymous : dict of str to Decimal
        Every number property added up, over all accepted rows and those without a person.
    negative : dict of str to int
        Accepted rows in which a number property is below zero.
    n_requarantined : int
        Quarantined rows that were in quarantine before; they count as duplicates.
    reasons, examples : dict
        Quarantined rows per reason; where the first one's fault lies (no value).
    events : Fates
    """

    files: list[str] = []
    source: str = ""
    n_read: int = 0
    n_accepted: int = 0
    n_quarantined: int = 0
    n_anonymous: int = 0
    n_repeated: int = 0
    n_facts: int = 0
    n_people: int = 0
    n_items: int = 0
    n_grown: int = 0
    n_requarantined: int = 0
    rows: dict[str, int] = {}
    facts: dict[str, int] = {}
    sums: dict[str, Decimal] = {}
    sums_anonymous: dict[str, Decimal] = {}
    negative: dict[str, int] = {}
    reasons: dict[str, int] = {}
    examples: dict[str, str] = {}
    events: Fates = msgspec.field(default_factory=Fates)

    @property
    def balanced(self) -> bool:
        """Whether every row and every event is accounted for."""
        return self.n_read == self.n_accepted + self.n_quarantined and self.events.balanced

    def whole(self, counted: Counted) -> None:
        """Keep what only all rows together can tell."""
        self.n_facts, self.n_people = counted.facts, counted.people
        self.n_items, self.n_repeated = counted.items, counted.repeated

    def accept(self, name: str, values: dict[str, Any], anonymous: bool) -> None:
        """Count one accepted row and add its numbers up."""
        self._count(name, values, anonymous, 1)

    def withdraw(self, name: str, values: dict[str, Any], anonymous: bool) -> None:
        """Take back an accepted row that is quarantined after all."""
        self._count(name, values, anonymous, -1)

    def refuse(self, reason: str, detail: str) -> None:
        """Count one quarantined row."""
        self.n_quarantined += 1
        self.reasons[reason] = self.reasons.get(reason, 0) + 1
        self.examples.setdefault(reason, detail)

    def _count(self, name: str, values: dict[str, Any], anonymous: bool, by: int) -> None:
        self.n_accepted += by
        self.n_anonymous += anonymous * by
        self.rows[name] = self.rows.get(name, 0) + by
        for key, value in values.items():
            if type(value) is Decimal or type(value) is int:
                _add(self.sums, key, value * by)
                if anonymous:
                    _add(self.sums_anonymous, key, value * by)
                if value < 0:
                    self.negative[key] = self.negative.get(key, 0) + by

    def as_json(self) -> bytes:
        """The summary as JSON, for the ledger and for other programs."""
        return msgspec.json.Encoder(decimal_format="number").encode(self)


def _add(sums: dict[str, Decimal], key: str, value: Decimal | int) -> None:
    sums[key] = sums.get(key, _ZERO) + value


_ZERO = Decimal(0)
