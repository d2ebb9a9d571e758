"""Staged rows become events in the log: grouped, pseudonymised, revised, each with one fate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import groupby, islice
from typing import NamedTuple

import msgspec

from coterie.collect.admitting import nobody, said
from coterie.collect.gate import Gate
from coterie.collect.mapper import Fact
from coterie.collect.mapping import Mapping
from coterie.collect.quality.counting import Tally
from coterie.collect.quarantine import Intake
from coterie.collect.revising import agreed, identity, revise, with_lines
from coterie.collect.staging import Refusal, Staged
from coterie.collect.summary import Summary
from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.log import Log

MOST_LINES = 20_000
"""Lines of one order; further ones are quarantined."""

BATCH = 10_000
"""Rows that are made into events and stored in one transaction."""

_decode = msgspec.json.Decoder(Fact, float_hook=Decimal).decode


class Drafted(NamedTuple):
    """One event before pseudonyms, and the rows that say it."""

    event: Event
    fact: Fact
    ordinal: int
    rows: list[Staged]


class Storing:
    """The second half of an import: from the staging into the log and the quarantine."""

    def __init__(
        self, log: Log, pseudonymiser: Pseudonymiser, mapping: Mapping, plan: TrackingPlan,
        intake: Intake, summary: Summary, now: int,
    ) -> None:  # fmt: skip
        self.log = log
        self.pseudonymiser = pseudonymiser
        self.mapping = mapping
        self.plan = plan
        self.intake = intake
        self.summary = summary
        self.now = now
        self.tally = Tally()
        self._gate = Gate(plan, typed=True)
        self._pending: dict[bytes, Event] = {}

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        """Put refused rows into quarantine."""
        rows = iter(refusals)
        while batch := list(islice(rows, BATCH)):
            self._quarantine(batch)

    def store(self, staged: Iterable[Staged], tell: Callable[[int, int | None], None]) -> None:
        """Store the facts of all rows, a batch of whole facts in one transaction each."""
        done = total = self.summary.n_quarantined
        total += self.summary.n_accepted
        batch: list[Drafted] = []
        n_rows = 0
        for drafted in self._drafted(staged):
            batch.append(drafted)
            n_rows += len(drafted.rows)
            if n_rows >= BATCH:
                self._append(batch)
                done, batch, n_rows = done + n_rows, [], 0
                tell(min(done, total), total)
        self._append(batch)
        tell(total, total)

    def _drafted(self, staged: Iterable[Staged]) -> Iterator[Drafted]:
        for _, group in groupby(staged, key=lambda row: row.fact):
            rows = iter(group)
            first = next(rows)
            fact = _decode(first.body)
            if fact.way == "repeats":
                yield self._draft(fact, [first])
                for ordinal, row in enumerate(rows, 1):
                    yield self._draft(fact, [row], ordinal)
            elif fact.way == "states":
                yield self._draft(fact, [first])
            elif fact.way == "named":
                yield self._draft(fact, [first])
                yield from (self._draft(_decode(row.body), [row]) for row in rows)
            else:
                kept = [first, *islice(rows, MOST_LINES - 1)]
                if fact.way == "grows":
                    yield from self._grown(kept)
                else:
                    yield self._newest(kept)
                self._late(list(rows), "too_many_lines", f"at most {MOST_LINES:,} rows a fact")

    def _draft(self, fact: Fact, rows: list[Staged], ordinal: int = 0) -> Drafted:
        event = Event(
            source=self.mapping.source, message_id=fact.id if fact.way == "named" else "",
            name=fact.name, type="identify" if fact.name == "identify" else "track",
            occurred_at=fact.at, received_at=self.now, user_id=fact.user,
            anonymous_id=fact.anonymous, properties=fact.properties,
        )  # fmt: skip
        return Drafted(event, fact, ordinal, rows)

    def _grown(self, rows: list[Staged]) -> Iterator[Drafted]:
        """One order of its lines for each person they name; the rest are the first one's."""
        facts = [_decode(row.body) for row in rows]
        people = dict.fromkeys(fact.user for fact in facts if fact.user is not None)
        first = next(iter(people), None)
        for person in people or (None,):
            mine = [i for i, fact in enumerate(facts) if (fact.user or first) == person]
            yield self._order([facts[i] for i in mine], [rows[i] for i in mine], person)

    def _order(self, facts: list[Fact], rows: list[Staged], user: str | None) -> Drafted:
        """An order at the first instant of its lines."""
        order = self.mapping.order
        assert order is not None
        lines = [fact.line for fact in facts if fact.line is not None]
        whole = facts[0]._replace(
            at=min(fact.at for fact in facts), user=user, line=None,
            anonymous=next((fact.anonymous for fact in facts if fact.anonymous), None),
            properties=with_lines(agreed([fact.properties for fact in facts]), lines, order),
        )  # fmt: skip
        return self._draft(whole, rows)

    def _newest(self, rows: list[Staged]) -> Drafted:
        """Of several rows that declare one person, the last; others must say the same."""
        last = rows[-1]
        self._late([r for r in rows if r.body != last.body], "redeclared", "person.column")
        return self._draft(_decode(last.body), [r for r in rows if r.body == last.body])

    def _append(self, batch: list[Drafted]) -> None:
        self._pending.clear()
        finished = [(self._final(drafted), drafted) for drafted in batch]
        ready = [(event, drafted) for event, drafted in finished if event is not None]
        events = [event for event, _ in ready]
        for event in events:
            self.summary.facts[event.name] = self.summary.facts.get(event.name, 0) + 1
        appended = self.log.append_events(events)
        fates = self.summary.events
        fates.received += len(events) - len(appended.conflicts)
        fates.stored += appended.n_stored
        fates.duplicate += appended.n_duplicate
        self.summary.n_grown += self._n_grown(events, appended.conflicts)
        for i in appended.conflicts:
            self._late(ready[i][1].rows, "conflict", "another statement of this id is stored")

    def _final(self, drafted: Drafted) -> Event | None:
        """The event to append, or None where its rows went to quarantine."""
        fact = drafted.fact
        judged = self._gate.judge(drafted.event, self.now)
        self.tally.add(judged, self.now)
        if judged.refused:
            self._late(drafted.rows, *judged.refused)
            return None
        event = said = self.pseudonymiser.event(judged.event, self.plan)
        if judged.event is not drafted.event:  # a fact is known by what its rows say
            said = self.pseudonymiser.event(drafted.event, self.plan)
        first = identity(fact.way, said, self._key(fact, said))
        if fact.way in ("grows", "latest"):
            order = self.mapping.order if fact.way == "grows" else None
            stated = revise(self._find, event, first, order, self.mapping.properties)
            self._pending[stated.key] = stated
            return stated
        suffix = f"-{drafted.ordinal + 1}" if drafted.ordinal else ""
        return msgspec.structs.replace(event, message_id=first + suffix)

    def _find(self, key: bytes) -> Event | None:
        """What is stored under a key, or about to be."""
        return self._pending.get(key) or self.log.event(key)

    def _key(self, fact: Fact, event: Event) -> str:
        if fact.way == "grows" and self.mapping.order is not None:
            return str(event.properties[self.mapping.order.key])
        return event.message_id or str(event.properties.get("purpose", ""))

    def _n_grown(self, events: list[Event], conflicts: list[int]) -> int:
        return sum(
            event.supersedes is not None and event.received_at == self.now and i not in conflicts
            for i, event in enumerate(events)
        )

    def _late(self, rows: list[Staged], reason: str, detail: str) -> None:
        """Quarantine rows that were accepted before their fact turned out to be impossible."""
        for row in rows:
            fact = _decode(row.body)
            self.summary.withdraw(fact.name, said(fact), nobody(fact))
            self.summary.refuse(reason, detail)
        self._quarantine(
            [
                Refusal(row.file, row.row, reason, detail, _decode(row.body).user, True, row.raw)
                for row in rows
            ]
        )

    def _quarantine(self, refusals: list[Refusal]) -> None:
        if not refusals:
            return
        new = self.intake.add(refusals)
        fates = self.summary.events
        fates.received += len(refusals)
        fates.quarantined += new
        fates.duplicate += len(refusals) - new
        self.summary.n_requarantined += len(refusals) - new
