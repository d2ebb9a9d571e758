"""A parity report on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.markup import escape

from coterie.cli.tables import pairs, plain_table
from coterie.project.instants import shown

if TYPE_CHECKING:
    from rich.table import Table

    from coterie.project.streaming.reports import ParityReport


def compared(report: ParityReport, zone: ZoneInfo) -> RenderableType:
    """What was compared, what differs, and what was reached live."""
    rows = [
        ("position", f"offset {report.offset:,}, {shown(report.clock, zone)}"),
        ("profiles", _found(report.people, report.strangers)),
        ("values", _found(report.values, report.differing)),
        ("memberships", f"{report.memberships:,}"),
        ("change records", _folded(report.folded)),
    ]
    if report.close:
        rows.append(("on a threshold", f"{report.close:,} values, within 1e-9 of it: equal"))
    parts: list[RenderableType] = [pairs(rows), "", _reached(report.reached)]
    if report.first:
        parts += ["", _first(report)]
    if not report.live:
        parts += ["", "no live event has reached any value since the stream came out of SQL"]
    return Group(*parts, "", "the stream equals SQL" if report.equal else "THE STREAM DIFFERS")


def _found(compared: int, differing: int) -> str:
    return f"{compared:,} compared, {differing:,} differ" if differing else f"{compared:,} equal"


def _folded(differing: int) -> str:
    return f"add up to others in {differing:,}" if differing else "add up to the same memberships"


def _reached(reached: dict[str, int]) -> Table:
    table = plain_table("definition", "values reached by live events")
    for name, count in reached.items():
        table.add_row(escape(name), f"{count:,}" if count else "none")
    return table


def _first(report: ParityReport) -> Table:
    table = plain_table("differs", "profile", "stream", "SQL", "reference")
    for one in report.first:
        table.add_row(*map(escape, (one.name, one.profile, one.stream, one.sql, one.reference)))
    return table
