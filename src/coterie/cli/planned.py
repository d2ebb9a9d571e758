"""Tracking plans on the screen: what changed, what it breaks, what was broken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.markup import escape

from coterie.cli.tables import plain_table
from coterie.project.instants import shown

if TYPE_CHECKING:
    from coterie.language.compatibility import PlanChange
    from coterie.project.planning import PlanReport, PlanVersions, ViolationsReport


def checked(report: PlanReport) -> RenderableType:
    """What a plan changes, which definitions it breaks, and which stored events it would refuse."""
    parts: list[RenderableType] = [escape(note) for note in report.notes]
    if report.changes or not report.notes:
        parts.append(changes(report.changes))
    if report.definitions:
        parts += ["", "[bold]definitions that cannot be meant any more[/bold]"]
        parts += [f"  {escape(told)}" for told in report.definitions]
    if report.effects:
        parts += ["", f"[bold]events of the last {report.days} days that would be refused[/bold]"]
        parts += [
            f"  {escape(one.where)}: {one.refused:,} of {one.stored:,}" for one in report.effects
        ]
    parts += ["", "[bold red]breaking[/bold red]" if report.breaking else "compatible"]
    return Group(*parts)


def changes(found: Sequence[PlanChange]) -> RenderableType:
    """Each difference on a line; ``!`` stands before what breaks something."""
    if not found:
        return "no event or property differs"
    lines = [
        f"{'[bold red]![/bold red]' if one.breaking else ' '} [bold]{escape(one.where)}[/bold] "
        f"{one.change}: {escape(one.told)}"
        for one in found
    ]
    return Group(*lines)


def kept(report: PlanVersions, zone: ZoneInfo) -> RenderableType:
    """Every version with its size, and how much it changed."""
    if not report.versions:
        return "no run has recorded a tracking plan yet"
    table = plain_table("since", "version", "events", "properties", "changes", "breaking")
    for one in report.versions:
        broken = sum(change.breaking for change in one.changes)
        counts = (one.version, one.events, one.properties, len(one.changes), broken)
        table.add_row(shown(one.at, zone), *(f"{n:,}" for n in counts))
    return table


def violated(report: ViolationsReport) -> RenderableType:
    """Counts by day, source, event and path."""
    if not report.violations:
        return "everything was as planned"
    table = plain_table("property", "day", "source", "rule", "action", "n")
    for one in report.violations:
        where = f"{one.event}: {one.path}" if one.event != "*" else "an event that is not planned"
        table.add_row(
            escape(where), one.day, escape(one.source), one.rule, one.action, f"{one.n:,}"
        )
    return table
