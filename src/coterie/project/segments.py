"""Segments and stages by name, their people, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from coterie.errors import ProjectError, UnknownName
from coterie.language.english import sentence
from coterie.profiles.counting import Group, Moved, groups
from coterie.profiles.members import moved, of_runs
from coterie.profiles.state import read_changes
from coterie.profiles.stores import Stores
from coterie.project.exporting import check, membership
from coterie.project.frame import Frame
from coterie.project.reports import SegmentReport

if TYPE_CHECKING:
    from coterie.pictures.theme import Drawing
    from coterie.project.opened import At
    from coterie.project.project import Project


class Segment:
    """One segment, or one stage.

    Parameters
    ----------
    project : Project
    name : str
        ``champions``, or ``lifecycle.loyal``.

    Notes
    -----
    `profiles` is the audience: who is in the segment and may be used for its purpose. That is
    all that people and destinations should see; `holds` is everybody who is in it, for counting.
    """

    def __init__(self, project: Project, name: str) -> None:
        self._project = project
        self.name = name
        self._group, _, self._stage = name.partition(".")
        check(project, self._group, self._stage)

    def __repr__(self) -> str:
        return f"<segment {self.name}: {self.english}>"

    @property
    def purpose(self) -> str:
        """What its people may be used for."""
        return self._project.library.purpose(self._group)

    @property
    def english(self) -> str:
        """The definition as a sentence."""
        return english(self._project, self._group)

    def profiles(self, *traits: str, at: At = None) -> Frame:
        """The audience: a row a person, with ``profile`` and the traits asked for.

        Parameters
        ----------
        at : instant, optional
            As of then, by what is known now; by default the last run's answer.
        """
        return self._people(traits, at, audience=True)

    def holds(self, *traits: str, at: At = None) -> Frame:
        """Everybody who is in it, whatever they allowed: for figures, not for use."""
        return self._people(traits, at, audience=False)

    def plot(self, *, at: At = None, months: int = 12) -> Drawing:
        """Its size at the beginning of each of the last months, as a chart."""
        return self._project.pictures.trend(self.name, at=at, months=months)

    def history(self, *, known: bool = False) -> Frame:
        """Size over time, with who entered and left and why; see `Project.history`."""
        return self._project.history(self.name, known=known).frame

    def members(self, *, on: At = None, at: At = None) -> Frame:
        """Who was in it on a day and may be used still; see `Project.members`."""
        return self._project.members(self.name, on=on, at=at).frame

    def _people(self, traits: tuple[str, ...], at: At, *, audience: bool) -> Frame:
        instant = self._project.instant(at)
        everyone, holds, allowed = membership(
            self._project, self._group, self._stage, traits, instant
        )
        people = everyone.filter(allowed if audience else holds)
        return Frame(people.select(["profile", *traits]))


class Segments(Mapping[str, Segment]):
    """Every segment by name; a stage is named after its set, as in ``lifecycle.loyal``.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    def __getitem__(self, name: str) -> Segment:
        return Segment(self._project, name)

    def __contains__(self, name: object) -> bool:
        try:
            return isinstance(name, str) and bool(self[name])
        except UnknownName:
            return False

    def __iter__(self) -> Iterator[str]:
        return iter(self._project.library.segments)

    def __len__(self) -> int:
        return len(self._project.library.segments)

    def __repr__(self) -> str:
        return f"<segments: {', '.join(self)}>"

    def report(self, at: At = None) -> SegmentReport:
        """The size of every segment and stage, with its definition in English.

        Parameters
        ----------
        at : instant, optional
            As of then, by what is known now and today's definitions; by default what the last
            run answered, with what changed at it. Where the definitions have changed since, they
            are asked at its position, and neither a version nor changes are theirs.
        """
        instant = self._project.instant(at)
        return _last(self._project) if instant is None else _as_of(self._project, instant)


def english(project: Project, name: str) -> str:
    """A definition as a sentence."""
    return sentence(name, project.library.definition(name))


def _groups(project: Project, names: list[str], at: int | None, moved: Moved | None) -> list[Group]:
    questions = project.questions
    needed = dict.fromkeys((*names, *(questions.permission(name) for name in names)))
    answer = project.answers.everyone(tuple(needed), at)
    said = {name: english(project, name) for name in names}
    return groups(questions, names, answer, said, moved)


def _last(project: Project) -> SegmentReport:
    run = project.answers.last_run()
    stores = project.stores
    notes = []
    edited = run.definitions_hash != project.library.hash()
    if edited:
        notes.append(
            "these are the definitions as the files are: they have changed since the last run, and "
            "`coterie run` records who enters and leaves by that"
        )
    if stores.log.read(run.offset, 1, "event"):
        notes.append("events have come since the last run; `coterie run` counts them in")
    changes = None if edited else _moved(stores, run.offset)
    return SegmentReport(
        at=run.clock,
        offset=run.counts["offset"],
        people=run.counts["people"],
        version=None if edited else run.counts["version"],
        groups=_groups(project, list(project.questions.groups), None, changes),
        notes=notes,
    )


def _moved(stores: Stores, offset: int) -> Moved:
    """How many entered and exited at a run, and on the stream's way to it."""
    runs = [run.offset for run in stores.ledger.runs()]
    before = max((run for run in runs if run < offset), default=0)
    log = read_changes(stores.lake, stores.ledger, before)
    return moved(of_runs(log, runs), offset)


def _as_of(project: Project, at: int) -> SegmentReport:
    answers, names = project.answers, project.questions.groups
    position = answers.position(at)
    if not position.offset:
        raise ProjectError("there is no event yet", hint="type: coterie import FILE")
    fits = answers.fits(names, [at], position.offset)
    return SegmentReport(
        at=at,
        offset=position.offset,
        people=answers.spine([position], None).num_rows,
        groups=_groups(project, list(names), at, None),
        fitted_for_this=answers.fitted_for_this_answer(names, position, fits),
    )
