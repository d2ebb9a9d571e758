"""What the current edit of the definitions would change, before it is applied: only read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from coterie.language.definitions import Stages
from coterie.language.differences import Difference
from coterie.profiles import members
from coterie.profiles.asking import Asking
from coterie.profiles.editing import as_edited, edited
from coterie.profiles.flushing import unread
from coterie.profiles.state import read_members
from coterie.profiles.stores import answered
from coterie.project.frame import Frame
from coterie.project.permission import allowed, purpose_of, still_allowed
from coterie.project.reports import Report
from coterie.project.versions import compared

if TYPE_CHECKING:
    from coterie.project.project import Project
    from coterie.storage.ledger import Run


class Effect(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the edit does to one segment or stage: its size by the former and today's definition."""

    name: str
    before: int
    after: int
    entered: int
    left: int
    stage: str = ""


class Mover(msgspec.Struct, frozen=True, omit_defaults=True):
    """One person whom the edit lets in or out; `change` is ``entered`` or ``exited``."""

    profile: str
    segment: str
    change: str
    stage: str = ""


class PreviewReport(Report, frozen=True):
    """What the next run would record with the cause ``edit``.

    Parameters
    ----------
    at, offset, version : int
        The last run's clock, offset and version of the definitions: its position is asked.
    differences : list of Difference
        What the edit changes in the definitions.
    effects : list of Effect
        A row for each segment and stage that means something else now.
    movers : list of Mover
        Who enters and leaves, where they might be used for the segment's purpose at that
        position and may be still; the others are counted in `effects` only.
    """

    at: int
    offset: int
    version: int
    differences: list[Difference]
    effects: list[Effect]
    movers: list[Mover]
    notes: list[str]

    @property
    def frame(self) -> Frame:
        """Who enters and leaves, as Arrow."""
        schema = pa.schema([*members.MEMBERS, ("change", pa.string())])
        columns = {name: [getattr(one, name) for one in self.movers] for name in schema.names}
        return Frame(pa.table(columns, schema=schema))


CANDIDATES = 20
"""So many are looked at for each that is named: not everybody may be used."""


def preview(project: Project, most: int | None = None) -> PreviewReport:
    """Answer the last run's position by today's definitions, and compare.

    Parameters
    ----------
    most : int, optional
        How many who enter or leave one segment or stage are named; by default all of them are.
    """
    stores, questions, run = project.stores, project.questions, project.answers.last_run()
    before = read_members(stores.lake, run, edited(questions, run))
    after = as_edited(stores, questions, Asking(stores.lake, questions.asked), run, before)
    changes = members.changes(before, after, at=run.clock, version=0, offset=0, cause="edit")
    return PreviewReport(
        at=run.clock,
        offset=run.counts["offset"],
        version=int(run.counts["version"]),
        differences=compared(project, None, None).differences,
        effects=list(_effects(project, run, before, changes)),
        movers=list(_movers(project, run, changes, most)),
        notes=_notes(project),
    )


def _effects(project: Project, run: Run, before: pa.Table, changes: pa.Table) -> Iterator[Effect]:
    sizes = {
        (row["segment"], row["stage"]): row["count_all"]
        for row in before.group_by(["segment", "stage"]).aggregate([([], "count_all")]).to_pylist()
    }
    moved = members.moved(changes, 0)
    for name in edited(project.questions, run):
        stages = [stage for group, stage in (*sizes, *moved) if group == name]
        for stage in dict.fromkeys((*_options(project, name), *sorted(stages))) or ("",):
            size = sizes.get((name, stage), 0)
            entered, left = moved.get((name, stage), (0, 0))
            yield Effect(name, size, size + entered - left, entered, left, stage)


def _options(project: Project, name: str) -> tuple[str, ...]:
    """The stages that there are today; one empty text for a segment."""
    if name not in project.questions.groups:
        return ()
    definition = project.library.definition(name)
    return definition.options if isinstance(definition, Stages) else ("",)


def _movers(project: Project, run: Run, changes: pa.Table, most: int | None) -> Iterator[Mover]:
    """Who of those that the edit moves may be used for the purpose of their segment."""
    position = answered(run)
    for name in edited(project.questions, run):
        rows = _some(changes.filter(pc.equal(changes["segment"], name)), most, CANDIDATES)
        purpose = purpose_of(project, name, run)
        rows = rows.filter(allowed(project, _profiles(rows), purpose, position))
        rows = rows.filter(still_allowed(project, _profiles(rows), purpose, position.t))
        for row in _some(rows, most).to_pylist():
            yield Mover(row["profile"], name, row["change"], row["stage"])


def _some(rows: pa.Table, most: int | None, times: int = 1) -> pa.Table:
    """The first so many of each stage and change; all where none is said."""
    if most is None:
        return rows
    kinds = rows.group_by(["stage", "change"]).aggregate([]).to_pylist()
    parts = [_those(rows, **kind).slice(0, most * times) for kind in kinds]
    return pa.concat_tables([rows.slice(0, 0), *parts])


def _those(rows: pa.Table, stage: str, change: str) -> pa.Table:
    return rows.filter(pc.and_(pc.equal(rows["stage"], stage), pc.equal(rows["change"], change)))


def _profiles(rows: pa.Table) -> pa.Array:
    return rows["profile"].combine_chunks()


def _notes(project: Project) -> list[str]:
    notes = []
    if unread(project.stores.lake, project.plan):
        notes.append(
            "the tracking plan has learnt of properties that the next run reads in; until then "
            "they are unknown here"
        )
    if project.stores.log.read(project.answers.last_run().offset, 1, "event"):
        notes.append("events have come since the last run; what they change is not shown here")
    return notes
