"""Erasing a person from every store, and proving that nothing readable is left."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import msgspec

from coterie.language.plan import TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.privacy.scan import Finding, scan
from coterie.storage import stored
from coterie.storage.lake import Lake
from coterie.storage.ledger import Ledger, Refused
from coterie.storage.log import Log


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure removed, in counts that name nobody.

    Parameters
    ----------
    offset : int
        Of the log's ``erase`` entry.
    n_people : int
        Pseudonyms that were erased: the person's and those of their devices.
    n_events, n_rows, n_refused : int
        Events of the log, rows of the lake's events, rows of quarantine.
    left : list of Finding
        Where something of the person was still found; empty when the erasure is proven.
    """

    offset: int
    n_people: int
    n_events: int
    n_rows: int
    n_refused: int
    left: list[Finding]

    @property
    def proven(self) -> bool:
        """Whether the scan of every store found nothing."""
        return not self.left


def erase(
    log: Log,
    lake: Lake,
    ledger: Ledger,
    plan: TrackingPlan,
    profiles: Collection[str],
    *,
    at: int,
    raw: Sequence[str] = (),
    pseudonymiser: Pseudonymiser | None = None,
    folder: Path | None = None,
    others: Sequence[Callable[[set[str]], object]] = (),
) -> Report:
    """Delete people from log, lake and ledger, and scan what is left for them.

    Parameters
    ----------
    plan : TrackingPlan
        By which the log's tail is flushed first, so that all devices of the people are known.
    profiles : collection of str
        Pseudonyms of users, or of anonymous ids that belong to nobody. The devices that were
        first identified with a user go with them; events in which another user was known on
        such a device are that user's and stay.
    at : int
        Microseconds UTC, for the log's entry.
    raw : sequence of str, optional
        The identifiers as the person knows them. With a `pseudonymiser`, quarantined rows of
        nobody known are opened, and those that hold one of these are deleted too. Every store
        is searched for them, short numbers excepted, which also occur as counts and prices.
    folder : Path, optional
        What is searched: all files below it. The log's folder where it is not given.
    others : sequence of callable
        Further stores below it, such as studies: each is told the pseudonyms and deletes what
        it keeps of them.

    Notes
    -----
    The log keeps an ``erase`` entry with counts only. Nothing that would let the person be
    recognised is kept, so importing a file that still holds them brings them back. Asking again
    after a crash or a `StoreError` finishes the work.

    Raises
    ------
    StoreError
        A store is in use by a process that still holds old pages, or is damaged.
    """
    lake.flush(log, plan)
    people = set().union(*(lake.people(profile) for profile in profiles))
    for forget in others:
        forget(people)
    n_refused = ledger.erase(people, about=_about(raw, pseudonymiser))
    n_events = log.erase(people, stored.offsets(lake, people) if log.forgotten() else ())
    n_rows = lake.erase(people)
    counts = {"people": len(people), "events": n_events, "rows": n_rows, "refused": n_refused}
    offset = log.append("erase", at, msgspec.json.encode(counts))
    gone = sorted(people - lake.shared(people))
    wanted = [text.encode() for text in (*gone, *filter(_telling, raw))]
    return Report(
        offset=offset,
        n_people=len(people),
        n_events=n_events,
        n_rows=n_rows,
        n_refused=n_refused,
        left=scan(folder or log.path.parent, wanted),
    )


def _about(raw: Sequence[str], pseudonymiser: Pseudonymiser | None) -> Callable[[Refused], bool]:
    """Whether a sealed row holds one of the identifiers as a whole word."""
    if pseudonymiser is None or not raw:
        return lambda row: False
    words = b"|".join(re.escape(text.encode()) for text in raw)
    named = re.compile(rb"(?<![0-9A-Za-z])(?:" + words + rb")(?![0-9A-Za-z])", re.IGNORECASE)
    return lambda row: named.search(pseudonymiser.open(row.sealed)) is not None


def _telling(identifier: str) -> bool:
    """Whether finding an identifier means somebody, and not any count or price."""
    return len(identifier) >= (9 if identifier.isdigit() else 4)
