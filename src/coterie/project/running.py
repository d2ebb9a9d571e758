"""Running a project: where the clock goes, and what is worth saying about that."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from coterie.errors import ClockError, ProjectError, StoreError
from coterie.language.codec import from_json
from coterie.language.library import Library
from coterie.language.time import DAY
from coterie.profiles.answers import Answers
from coterie.profiles.flushing import Progress, flush
from coterie.profiles.live.publishing import catch_up
from coterie.profiles.live.terms import Terms
from coterie.profiles.questions import Questions
from coterie.profiles.restoring import lost, restore
from coterie.profiles.run import Run
from coterie.profiles.stores import Stores
from coterie.project import instants
from coterie.project.planning.planning import noted
from coterie.project.receiving import drained
from coterie.project.reports import RunReport
from coterie.project.retaining import forget_all
from coterie.project.schedules.agenda import start
from coterie.project.schedules.firing import scheduled
from coterie.storage import ledger

if TYPE_CHECKING:
    from coterie.project.opened import At
    from coterie.project.project import Project

STALE = 30 * DAY
"""An event older than this at the clock makes most windows empty."""


def run(project: Project, until: At, note: str, author: str, progress: Progress) -> RunReport:
    """Move the clock and answer everything; see :meth:`coterie.project.Project.run`."""
    project.reload()
    questions = project.questions  # what is wrong with a definition is said before anything moves
    with project.writing() as stores:
        drained(project, stores)
        flush(stores, questions.library.plan, progress)
        again = restored(project, stores, progress)
        catch_up(stores, Terms.of(questions.library), project.now())
        last = Answers(stores, questions).last_event()
        clock, former = _clock(project, until, last), start(stores)
        again += noted(stores.ledger, questions.library.plan, project.now())

    def once(at: int, refit: Collection[str]) -> ledger.Run:
        return _once(project, at, refit, note, author, progress)

    done, said = scheduled(project, former, clock, once, real=until in (None, "now"))
    forget_all(project)
    return RunReport(
        offset=done.offset,
        clock=done.clock,
        people=done.counts["people"],
        changes=done.counts["changes"],
        version=done.counts["version"],
        last_event=last,
        notes=[*again, *said, *_notes(project, clock, last)],
    )


def restored(project: Project, stores: Stores, progress: Progress) -> list[str]:
    """Where the lake lacks what runs wrote, write it again, and say so."""
    if not lost(stores):
        return []

    def asked(done: ledger.Run) -> Questions:
        kept = stores.ledger.definitions(done.definitions_hash)
        if kept is None:
            raise StoreError("the definitions of a run are missing", where="data/ledger.db")
        now = project.library
        return Questions(Library(from_json(kept.json), now.plan, now.purposes, now.default_purpose))

    n = restore(stores, asked, progress)
    some = "1 run was" if n == 1 else f"{n:,} runs were"
    return [f"the lake lacked what runs had written: {some} written again from the log"]


def _once(
    project: Project, at: int, refit: Collection[str], note: str, author: str, progress: Progress
) -> ledger.Run:
    """One run, as of this instant."""
    questions = project.questions
    with project.writing() as stores:
        flush(stores, questions.library.plan, progress)
        return Run(
            stores, questions, committed_at=project.now(),
            author=author, note=note, refit=refit, progress=progress,
        ).to(at)  # fmt: skip


def _clock(project: Project, until: At, last: int | None) -> int:
    if until == "last":
        if not last:
            raise ProjectError(
                "there is no event with an instant yet",
                hint="type: coterie import FILE, or name the instant: coterie run --until DATE",
            )
        return last
    if last is None and until in (None, "now"):
        raise ProjectError(
            "there is nobody yet; the clock was not moved, because it never moves back",
            where=str(project.folder.name), hint="type: coterie import FILE",
        )  # fmt: skip
    if until is None:
        return _now_unless_stale(project, last)
    wanted = project.now() if until == "now" else instants.parse(until, project.settings.tz)
    _forward(project, wanted)
    return wanted


def _forward(project: Project, wanted: int) -> None:
    """Refuse to move the clock back, in the project's own zone."""
    clock, zone = project.stores.log.clock(), project.settings.tz
    if clock is not None and wanted < clock:
        raise ClockError(
            "the clock cannot be moved back", where="--until", got=instants.shown(wanted, zone),
            expected=f"{instants.shown(clock, zone)} or later",
            hint="to look at the past, ask with --at: it only reads",
        )  # fmt: skip


def _now_unless_stale(project: Project, last: int | None) -> int:
    """Now; but a clock that would leave old data far behind, for good, is moved on request only.

    Raises
    ------
    ClockError
        The newest event is more than 30 days old, and the clock has not passed it yet.
    """
    now, clock = project.now(), project.stores.log.clock()
    if last and now - last > STALE and (clock is None or clock <= last):
        raise ClockError(
            f"the last event is {(now - last) // DAY:,} days old, so windows of recent days would "
            "be empty; the clock was not moved, because it never moves back",
            where="the newest event", got=instants.shown(last, project.settings.tz),
            hint="type: coterie run --until last (or --until now, to move it there all the same)",
        )  # fmt: skip
    return now


def _notes(project: Project, clock: int, last: int | None) -> list[str]:
    if last is None:
        return ["there is nobody yet: import something first"]
    if not last or clock - last <= STALE:
        return []
    shown = instants.shown(last, project.settings.tz)
    return [
        f"the last event ({shown}) is {(clock - last) // DAY:,} days older than the clock: "
        "windows of recent days are empty (--until last would have kept the clock there)"
    ]
