"""What runs when: each schedule with its next and last firing, and those that were missed."""

from __future__ import annotations

from itertools import islice, takewhile
from typing import TYPE_CHECKING

import msgspec

from coterie.project import folder as folders
from coterie.project.reports import Report
from coterie.project.schedules.agenda import Line, lines, start
from coterie.project.schedules.cron import english
from coterie.project.schedules.kept import Outcome, outcomes

if TYPE_CHECKING:
    from coterie.project.project import Project

MOST = 1000
"""Missed firings are counted up to here."""


class Planned(msgspec.Struct, frozen=True):
    """One schedule; instants are microseconds UTC.

    Parameters
    ----------
    next : int or None
        The first instant after the project's clock and after now; None if there is none.
    missed : int
        Firings between the project's clock and now that no run has made up for, at most 1,000.
    last : Outcome or None
    """

    name: str
    schedule: str
    zone: str
    english: str
    next: int | None
    missed: int
    last: Outcome | None


class ScheduleReport(Report, frozen=True):
    """Every schedule of a project."""

    clock: int | None
    now: int
    schedules: list[Planned]


def listed(project: Project) -> ScheduleReport:
    """Every schedule; see :meth:`coterie.project.Project.schedule`."""
    clock, now = start(project.stores), project.now()
    kept = outcomes(project.folder / folders.DATA)
    found = [
        _planned(line, clock, now, kept.get(line.key))
        for line in lines(project.settings, project.library)
    ]
    return ScheduleReport(clock, now, found)


def _planned(line: Line, clock: int | None, now: int, last: Outcome | None) -> Planned:
    start = now if clock is None else max(clock, now)
    return Planned(
        name=line.key,
        schedule=line.cron,
        zone=line.zone,
        english=english(line.cron),
        next=next(line.after(start), None),
        missed=0 if clock is None else _missed(line, clock, now),
        last=last,
    )


def _missed(line: Line, clock: int, now: int) -> int:
    return sum(1 for _ in islice(takewhile(lambda at: at <= now, line.after(clock)), MOST))
