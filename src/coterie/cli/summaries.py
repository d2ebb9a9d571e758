"""Summaries on the screen: of an import, an erasure, the quarantine, a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.markup import escape

from coterie.cli.tables import pairs, plain_table
from coterie.collect.gate import REASONS
from coterie.collect.values import plain
from coterie.collect.words import rows
from coterie.language.time import DAY
from coterie.project.instants import shown

if TYPE_CHECKING:
    from rich.table import Table

    from coterie.collect.summary import Summary
    from coterie.privacy.erase import Report
    from coterie.project.reports import StatusReport, StreamStatus
    from coterie.storage.ledger import Refused

_SHOWN = 10
"""Aggregates of the state that are told one by one; all of them are in the JSON."""


def imported(summary: Summary) -> RenderableType:
    """What an import did: rows, facts, events and sums, each of which adds up."""
    fates = summary.events
    head = [
        ("rows read", f"{summary.n_read:,}"),
        ("  accepted", f"{summary.n_accepted:,}"),
        ("  quarantined", f"{summary.n_quarantined:,}"),
        ("rows without a person", f"{summary.n_anonymous:,}"),
        ("rows that repeat another", f"{summary.n_repeated:,}"),
        ("facts", f"{summary.n_facts:,}"),
        ("people", f"{summary.n_people:,}"),
        ("items", f"{summary.n_items:,}"),
        ("events received", f"{fates.received:,}"),
        ("  stored", f"{fates.stored:,}"),
        ("  duplicate", f"{fates.duplicate:,}{_again(summary.n_requarantined)}"),
        ("  quarantined", f"{fates.quarantined:,}"),
        ("facts that grew", f"{summary.n_grown:,}"),
    ]
    names = plain_table("", "rows", "events")
    for name in sorted(summary.rows | summary.facts):
        names.add_row(name, f"{summary.rows.get(name, 0):,}", f"{summary.facts.get(name, 0):,}")
    sums = plain_table("", "sum", "without a person", "rows below zero")
    for name, total in sorted(summary.sums.items()):
        nobody = summary.sums_anonymous.get(name, Decimal(0))
        sums.add_row(
            name, f"{plain(total):,}", f"{plain(nobody):,}", f"{summary.negative.get(name, 0):,}"
        )
    parts: list[RenderableType] = [pairs(head), "", names]
    parts += ["", sums] if summary.sums else []
    parts += ["", _reasons(summary.reasons)] if summary.reasons else []
    balance = "every row and event is accounted for" if summary.balanced else "IT DOES NOT ADD UP"
    return Group(*parts, "", balance)


def _again(n: int) -> str:
    """Rows that came, and went to quarantine, before."""
    return f" (of them {rows(n)} in quarantine already)" if n else ""


def _reasons(reasons: Mapping[str, int]) -> RenderableType:
    table = plain_table("quarantined because", "rows")
    for reason, n in sorted(reasons.items()):
        table.add_row(f"{reason}: {REASONS.get(reason, '')}", f"{n:,}")
    return table


def refused(refused: Sequence[Refused], counts: Mapping[str, int]) -> RenderableType:
    """Refused rows, and how many there are for each reason."""
    if not refused:
        return "nothing is in quarantine"
    table = plain_table("id", "row", "reason", "file and place", wide=3)
    for row in refused:
        said = f"{row.file}: {row.detail}" if row.detail else row.file
        table.add_row(row.id, f"{row.row:,}", row.reason, escape(said))
    return Group(table, "", _reasons(counts))


def erased(report: Report) -> RenderableType:
    """What an erasure removed, and whether the search found anything left."""
    rows = [
        ("pseudonyms erased", f"{report.n_people:,}"),
        ("events of the log", f"{report.n_events:,}"),
        ("rows of the lake", f"{report.n_rows:,}"),
        ("rows in quarantine", f"{report.n_refused:,}"),
    ]
    left = [f"still found: {found.file}, {found.place}" for found in report.left]
    proof = left or ["every store was searched, decoded, and nothing is left"]
    return Group(pairs(rows), *proof)


def standing(report: StatusReport) -> RenderableType:
    """Where a project stands."""
    sign = "=" if report.balanced else "IS NOT"
    zone = ZoneInfo(report.zone)
    rows = [
        ("project", report.name),
        ("clock", shown(report.clock, zone) if report.clock is not None else "not set: no run yet"),
        ("runs", f"{report.n_runs:,}"),
        ("received", f"{report.received:,} {sign} {report.stored:,} stored + {report.duplicate:,} "
         f"duplicate + {report.quarantined:,} quarantined + {report.erased:,} erased"),
        *_inbox(report),
        ("log", f"offset {report.log_offset:,}, {_bytes(report.sizes['log'])}"),
        *_forgotten(report),
        ("lake", f"offset {report.lake_offset:,}, {_bytes(report.sizes['lake'])}"),
        ("ledger", _bytes(report.sizes["ledger"])),
        ("definitions", ", ".join(f"{n:,} {kind}" for kind, n in report.definitions.items())),
    ]  # fmt: skip
    rows += _streaming(report.stream, zone) if report.stream else []
    parts: list[RenderableType] = [pairs(rows)]
    parts += ["", _held(report.stream)] if report.stream and report.stream.held else []
    return Group(*parts, *([_reasons(report.reasons)] if report.reasons else []))


def _forgotten(report: StatusReport) -> list[tuple[str, str]]:
    """From where on the log has every collected event."""
    if not report.forgotten:
        return []
    return [("", f"collected events are kept after offset {report.forgotten:,}")]


def _inbox(report: StatusReport) -> list[tuple[str, str]]:
    """What waits of what came over HTTP, and for how long already."""
    found = report.inbox
    if found is None:
        return []
    n = "1 request waits" if found.waiting == 1 else f"{found.waiting:,} requests wait"
    since = f", the first for {_span(found.lag)}" if found.waiting else ""
    return [("inbox", f"{n}{since}; {_bytes(report.sizes['inbox'])}")]


def _streaming(stream: StreamStatus, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Where the stream stands, how far behind it is, and what its state holds."""
    sizes = stream.sizes
    rows = [
        ("stream", f"offset {stream.offset:,}, {shown(stream.clock, zone)}"),
        ("  lag", f"{_span(stream.lag)} to the newest event; {stream.behind:,} entries of the log"),
        ("  outbox", f"{stream.waiting_records:,} changes that the lake does not have yet"),
    ]
    if sizes:
        rows.append((
            "  state", f"{sizes['people']:,} people, {_bytes(sizes['bytes'])}, "
            f"{sizes['bytes_per_person']:,} bytes a person; {sizes['waiting']:,} events wait for "
            f"the clock, {sizes['due']:,} people for a deadline",
        ))  # fmt: skip
        rows += [("  bound", _bound(sizes))] if "budget" in sizes else []
    return rows


def _bound(sizes: Mapping[str, int]) -> str:
    """What one person may take, and how many took more."""
    return (
        f"{_bytes(sizes['budget'])} of one person's windows, sets and waits; "
        f"{sizes['cold']:,} people took more, and are read from history when they are due"
    )


def _held(stream: StreamStatus) -> Table:
    """What each distinct aggregate takes, the largest first, and all else."""
    n, sizes = stream.sizes["people"], stream.sizes
    table = plain_table("the state holds", "bytes", "a person", "at most")
    for one in stream.held[:_SHOWN]:
        said = f"{escape(one.name)}: {escape(one.of)}"
        table.add_row(said, f"{one.bytes:,}", _each(one.bytes, n), f"{one.most:,}")
    if more := stream.held[_SHOWN:]:
        rest, most = sum(one.bytes for one in more), max(one.most for one in more)
        table.add_row(f"{len(more):,} more", f"{rest:,}", _each(rest, n), f"{most:,}")
    other = sizes["bytes"] - sum(one.bytes for one in stream.held)
    table.add_row("names, memberships, deadlines, what waits", f"{other:,}", _each(other, n), "")
    return table


def _each(n_bytes: int, people: int) -> str:
    return f"{n_bytes / people:,.0f}" if people else ""


def _span(micros: int) -> str:
    """A span of time in its largest units."""
    days, rest = divmod(micros, DAY)
    hours, rest = divmod(rest, 3_600_000_000)
    if days:
        return f"{days:,} d {hours} h"
    minutes, rest = divmod(rest, 60_000_000)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest / 1_000_000:.1f} s"


def _bytes(n: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if n < 1000:
            return f"{n:,.0f} {unit}"
        n //= 1000
    return f"{n:,.0f} GB"
