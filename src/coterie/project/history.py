"""The history of segments and stages: their size over time, and their people on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from coterie.errors import ProjectError, UnknownName, nearest
from coterie.language.definitions import Stages
from coterie.language.english import sentence
from coterie.profiles import history as steps
from coterie.profiles.history import Step
from coterie.profiles.state import read_changes
from coterie.profiles.stores import Position, answered
from coterie.profiles.transitions import made_live
from coterie.project import instants
from coterie.project.exporting import check, membership
from coterie.project.frame import Frame
from coterie.project.permission import allowed, purpose_of, still_allowed
from coterie.project.reports import Report

if TYPE_CHECKING:
    from coterie.project.project import Project
    from coterie.storage.ledger import Run


class HistoryReport(Report, frozen=True):
    """A segment or stages over time.

    Parameters
    ----------
    known : bool
        By what is known now, at the instants of the runs; else what the runs recorded.
    english : str
        Today's definition; empty where there is none any more.
    """

    name: str
    known: bool
    english: str
    steps: list[Step]

    @property
    def frame(self) -> Frame:
        """The steps as Arrow."""
        return Frame(steps.table(self.steps))


class Member(Report, frozen=True):
    """One person; `since` (microseconds UTC) and `cause` where the records say them."""

    profile: str
    since: int | None = None
    cause: str | None = None


class MembersReport(Report, frozen=True):
    """The people of a segment or stage at one instant.

    Parameters
    ----------
    at, offset : int
        The position that answered: with `known` the instant asked for, else the last run by then.
    version : int or None
        Of the definitions, where a run answered.
    holds : int
        Who was in it.
    audience : int
        Who of them might be used for its purpose at that instant.
    people : list of Member
        Who of the audience may be used still: nobody else is listed.
    """

    name: str
    purpose: str
    known: bool
    at: int
    offset: int
    version: int | None
    holds: int
    audience: int
    people: list[Member]

    @property
    def message(self) -> str:
        """How many there are, and why not all of them are listed."""
        n, then = len(self.people), self.holds - self.audience
        said = [f"{then:,} might not be used for {self.purpose} then"] if then else []
        if self.audience > n:
            said.append(f"{self.audience - n:,} may not be used for {self.purpose} any more")
        why = f": {', '.join(said)}" if said else ""
        return f"{self.holds:,} hold, {n:,} are listed{why}"

    @property
    def frame(self) -> Frame:
        """The people as Arrow: ``profile``, ``since`` and ``cause``."""
        columns = {name: [getattr(one, name) for one in self.people] for name in _PEOPLE.names}
        return Frame(pa.table(columns, schema=_PEOPLE))


_PEOPLE = pa.schema(
    [("profile", pa.string()), ("since", pa.timestamp("us", "UTC")), ("cause", pa.string())]
)


def history(project: Project, name: str, *, known: bool) -> HistoryReport:
    """Size over time; see :meth:`coterie.project.Project.history`."""
    group, _, stage = name.partition(".")
    answers, (_, lake, ledger) = project.answers, project.stores
    answers.last_run()
    runs, log = ledger.runs(), read_changes(lake, ledger)
    _check(project, group, runs)
    if known:
        options = _options(project, group)
        check(project, group, stage or options[0])
        kept = ledger.definitions(project.library.hash())
        clocks = list(dict.fromkeys(run.clock for run in runs))
        stages, version = (stage,) if stage else options, kept.version if kept else None
        found = steps.known(answers, group, stages, clocks, version)
    else:
        found = steps.believed(log, runs, group, _stages(project, log, name))
    return HistoryReport(name, known, _english(project, group), found)


def _english(project: Project, group: str) -> str:
    """Today's definition as a sentence; empty where there is none."""
    library = project.library
    return sentence(group, library.definition(group)) if group in library else ""


def _options(project: Project, group: str) -> tuple[str, ...]:
    """The stages that there are today; one empty text for a segment and for what is gone."""
    library = project.library
    definition = library.definition(group) if group in library else None
    return definition.options if isinstance(definition, Stages) else ("",)


def _check(project: Project, group: str, runs: list[Run]) -> None:
    """Refuse what neither is nor was a segment or stages.

    Raises
    ------
    UnknownName
    """
    if group in project.questions.groups or any(steps.has(run, group) for run in runs):
        return
    if group in project.library:
        check(project, group, "")  # a trait has nobody in it
    names = {*project.questions.groups}
    names.update(*(run.counts["segments"] + run.counts["stages"] for run in runs))
    raise UnknownName(
        f"there is and was no segment named {group!r}", hint=nearest(group, names)
    )  # fmt: skip


def _stages(project: Project, log: pa.Table, name: str) -> tuple[str, ...]:
    """The stages that a name asks about; one empty text for a segment."""
    group, _, stage = name.partition(".")
    today = _options(project, group) if group in project.questions.groups else ()
    every = steps.stages_of(log, group, today) or ("",)
    if not stage:
        return every
    if stage not in every:
        raise UnknownName(
            "there is and was no such stage", got=repr(name),
            hint=nearest(name, [f"{group}.{one}" for one in every if one]),
        )  # fmt: skip
    return (stage,)


def members(project: Project, name: str, on: int | None, at: int | None) -> MembersReport:
    """The people on a day; see :meth:`coterie.project.Project.members`."""
    if on is not None and at is not None:
        raise ProjectError(
            "either what was believed then or what is known now",
            got="both on (--on) and at (--at)",
            hint="ask twice, and compare",
        )  # fmt: skip
    return _believed(project, name, on) if at is None else _known(project, name, at)


def _known(project: Project, name: str, at: int) -> MembersReport:
    group, _, stage = name.partition(".")
    everyone, holds, may = membership(project, group, stage, (), at)
    then = may.combine_chunks().filter(holds.combine_chunks())
    people = everyone["profile"].filter(holds).combine_chunks()
    position = project.answers.position(at)
    table = pa.table(
        [people, pa.nulls(len(people), _PEOPLE.types[1]), pa.nulls(len(people), pa.string())],
        schema=_PEOPLE,
    )
    return _report(project, name, purpose_of(project, group), position, None, table, then)


def _believed(project: Project, name: str, on: int | None) -> MembersReport:
    group, _, stage = name.partition(".")
    _, lake, ledger = project.stores
    runs, log = ledger.runs(), read_changes(lake, ledger)
    _check(project, group, runs)
    every = _stages(project, log, name)
    if not stage and "" not in every:
        raise UnknownName(
            "name one of the stages", got=repr(name),
            hint=f"known: {', '.join(f'{group}.{one}' for one in every)}",
        )  # fmt: skip
    run = _run(project, runs, on)
    position = answered(run)
    if on is not None and on < position.t:
        position = Position(position.offset, on)
    found = steps.inside(log, group, stage, run.offset, position.t).cast(_PEOPLE)
    purpose, version = purpose_of(project, group, run), int(run.counts["version"])
    then = allowed(project, found["profile"].combine_chunks(), purpose, position)
    return _report(project, name, purpose, position, version, found, then)


def _run(project: Project, runs: list[Run], on: int | None) -> Run:
    """The last run whose clock is not after an instant.

    Where the stream went on from there, its next run instead: its records have exact instants.
    """
    newest = project.answers.last_run()
    if on is None:
        return newest
    before = [run for run in runs if run.clock <= on]
    after = runs[len(before) :][:1]
    if after and made_live(after[0]):
        return after[0]
    if not before:
        zone = project.settings.tz
        raise ProjectError(
            "nothing had been computed by then", got=instants.shown(on, zone),
            expected=f"{instants.shown(runs[0].clock, zone)} or later: the first run's clock",
            hint="ask by what is known now: --at instead of --on",
        )  # fmt: skip
    return before[-1]


def _report(
    project: Project, name: str, purpose: str, position: Position, version: int | None,
    found: pa.Table, then: pa.Array,
) -> MembersReport:  # fmt: skip
    audience = found.filter(then)
    profiles = audience["profile"].combine_chunks()
    listed = audience.filter(still_allowed(project, profiles, purpose, position.t))
    since = listed["since"].cast(pa.int64()).to_pylist()
    rows = zip(listed["profile"].to_pylist(), since, listed["cause"].to_pylist(), strict=True)
    return MembersReport(
        name=name,
        purpose=purpose,
        known=version is None,
        at=position.t,
        offset=position.offset,
        version=version,
        holds=found.num_rows,
        audience=audience.num_rows,
        people=[Member(*row) for row in rows],
    )
