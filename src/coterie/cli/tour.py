"""What the demonstration found: its people, its segments, and one person's story."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc

from coterie.cli import tables
from coterie.cli.session import say, screen
from coterie.profiles.why import as_text
from coterie.project import Project
from coterie.project.instants import shown, translated

TOLD = ("champions", "monetary")
"""The segment whose member's story is told, and the trait that decides which one."""


def tour(project: Project, folder: Path) -> None:
    """Print what a project holds, as a newcomer would look at it."""
    status, report = project.status(), project.segments.report()
    clock = shown(report.at, project.settings.tz)
    say(f"A shop of {report.people:,} people and {status.stored:,} events, as of {clock}.")
    say(f"{status.duplicate:,} events came twice and were stored once.\n")
    screen().print(tables.segments(report))
    _story(project)
    say(f"\nGo on with: cd {folder}; coterie segments; coterie profile ID; coterie export at_risk")


def _story(project: Project) -> None:
    name, trait = TOLD
    members = project.segments[name].profiles(trait).arrow
    if not members.num_rows:
        return
    least = members["profile"][pc.index(members[trait], pc.min(members[trait])).as_py()].as_py()
    told = project.profile(least, events=8)
    zone = project.settings.tz
    say(f"\nOne person's story: {told.profile}, the {name} member who spent least\n")
    screen().print(tables.timeline(told, zone))
    say(f"\n{translated(as_text(project.why(least, name)), project.settings.tz)}")
