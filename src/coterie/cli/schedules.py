"""The command that lists what runs when: schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from coterie.cli.session import AsJson, Folder, opened, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from coterie.project.schedules.listing import Planned


def add(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(schedule)


def schedule(context: typer.Context, json: AsJson = False, project: Folder = None) -> None:
    """List what runs when: next, last, what came of it, and what was missed."""
    with opened(context, project) as cdp:
        report = cdp.schedule()
        if json:
            say(report.as_json())
            return
        if not report.schedules:
            say('Nothing is scheduled. In coterie.toml: [segments.default] schedule = "0 6 * * *"')
        for planned in report.schedules:
            say("\n".join(_lines(planned, cdp.settings.tz)))


def _lines(planned: Planned, zone: ZoneInfo) -> Iterator[str]:
    from coterie.project.instants import shown

    yield f"{planned.name}: {planned.english} ({planned.schedule}, {planned.zone})"
    yield f"  next    {'never' if planned.next is None else shown(planned.next, zone)}"
    if planned.last:
        yield f"  last    {shown(planned.last.at, zone)}: {planned.last.said}"
    if planned.missed:
        yield f"  missed  {planned.missed:,}; the next `coterie run` makes up for them"
