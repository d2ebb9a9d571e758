"""Definitions over time: who changed what, when and why, and what an edit would change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.errors import ProjectError
from coterie.language.codec import from_json
from coterie.language.definitions import Definitions
from coterie.language.differences import Difference, differences
from coterie.project.reports import Report
from coterie.storage import ledger
from coterie.storage.notes import Note, Notes

if TYPE_CHECKING:
    from coterie.project.project import Project


class Version(Report, frozen=True):
    """Definitions that a run brought in; going back to former ones is a row of its own.

    Parameters
    ----------
    version : int
        The same definitions have the same number, however often they come back.
    at : int
        The clock, microseconds UTC.
    committed_at : int
        When the run was made, microseconds UTC.
    offset : int
        Of the run.
    author, note : str
        Who ran it, and what they said about it; else who saved it, and why.
    differences : list of Difference
        From the version before it.
    """

    version: int
    at: int
    committed_at: int
    offset: int
    author: str
    note: str
    differences: list[Difference]


class VersionsReport(Report, frozen=True):
    """Every version of the definitions, oldest first."""

    versions: list[Version]


class DifferencesReport(Report, frozen=True):
    """What two versions do not share; `new` is None for the files as they are now."""

    old: int
    new: int | None
    differences: list[Difference]


def versions(project: Project) -> VersionsReport:
    """The versions by the runs that brought them in."""
    kept = {version.hash: version for version in project.stores.ledger.versions()}
    notes = Notes(project.stores.ledger).every()
    before, digest, found = Definitions(), "", []
    for run in project.stores.ledger.runs():
        if run.definitions_hash == digest:
            continue
        now = from_json(kept[run.definitions_hash].json)
        note = notes.get(run.definitions_hash)
        found.append(_version(run, differences(before, now), note))
        before, digest = now, run.definitions_hash
    return VersionsReport(found)


def _version(run: ledger.Run, changed: list[Difference], note: Note | None) -> Version:
    """A version with what its run said of it, else what whoever saved it did."""
    return Version(
        version=int(run.counts["version"]),
        at=run.clock,
        committed_at=run.committed_at,
        offset=run.offset,
        author=run.counts.get("author") or (note.author if note else ""),
        note=run.counts.get("note") or (note.note if note else ""),
        differences=changed,
    )


def compared(project: Project, old: int | None, new: int | None) -> DifferencesReport:
    """What two versions do not share; see :meth:`coterie.project.Project.differences`."""
    if old is None:
        old = int(project.answers.last_run().counts["version"])
    now = project.questions.definitions if new is None else recorded(project, new)
    return DifferencesReport(old, new, differences(recorded(project, old), now))


def recorded(project: Project, version: int) -> Definitions:
    """The definitions of a version.

    Raises
    ------
    ProjectError
        No run recorded it.
    """
    for kept in project.stores.ledger.versions():
        if kept.version == version:
            return from_json(kept.json)
    raise ProjectError(
        "there is no such version of the definitions", got=str(version),
        hint="type: coterie definitions --versions",
    )  # fmt: skip
