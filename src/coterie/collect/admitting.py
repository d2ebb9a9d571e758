"""Every row of a file is mapped and kept, or refused with a reason."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from coterie.collect.mapper import Fact, Mapper
from coterie.collect.mapping import Mapping
from coterie.collect.reading import Record, Table
from coterie.collect.staging import Refusal, Staged, Staging
from coterie.collect.summary import Summary
from coterie.collect.values import Refused
from coterie.errors import MappingError

MOST_NAMES = 1000
"""Event names in one file; a column of more is no event name."""

EVERY = 10_000
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Admission:
    """Rows on their way from the files into the staging."""

    def __init__(self, mapping: Mapping, staging: Staging, summary: Summary) -> None:
        self.mapping = mapping
        self.staging = staging
        self.summary = summary

    def admit(
        self, number: int, table: Table, mapper: Mapper, tell: Callable[[int, int | None], None]
    ) -> None:
        """Map every row of file `number`.

        Raises
        ------
        UnreadableFile
            The file breaks off.
        MappingError
            The event column holds more names than a plan could have.
        """
        for record in table.records():
            self.summary.n_read += 1
            if self.summary.n_read % EVERY == 0:
                tell(self.summary.n_read, None)
            if record.problem:
                self._refuse(number, record, record.problem, record.detail, None)
                continue
            try:
                facts = mapper.facts(record.cells)
            except Refused as refused:
                person = mapper.person(record.cells)
                self._refuse(number, record, refused.reason, refused.detail, person)
            else:
                self._accept(number, record, facts)
        if len(self.summary.rows) > MOST_NAMES:
            raise MappingError(
                "the event column holds too many names", where="event.column",
                got=f"{len(self.summary.rows):,} names", expected=f"at most {MOST_NAMES:,}",
                hint="name a column of kinds of event, or give event.name",
            )  # fmt: skip

    def _accept(self, number: int, record: Record, facts: list[Fact]) -> None:
        first = facts[0]
        self.summary.accept(first.name, said(first), nobody(first))
        twin = hash((number, record.raw))
        line = first.line or {}
        item = line.get("product_id", line.get("name"))
        for part, fact in enumerate(facts):
            raw = "" if part else record.raw
            body = _encode(fact).decode()
            staged = Staged(fact.group, number, record.row, part, body, raw)
            self.staging.add(staged, fact.at, twin, fact.user, item)

    def _refuse(
        self, number: int, record: Record, reason: str, detail: str, person: str | None
    ) -> None:
        self.summary.refuse(reason, detail)
        split = bool(record.cells)
        self.staging.refuse(Refusal(number, record.row, reason, detail, person, split, record.raw))


def said(fact: Fact) -> dict[str, object]:
    """The values of one row, its line's before its order's."""
    return fact.properties | fact.line if fact.line else fact.properties


def nobody(fact: Fact) -> bool:
    """Whether the row names no person."""
    return fact.user is None and fact.anonymous is None
