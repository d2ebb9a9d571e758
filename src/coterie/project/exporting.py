"""Exports: the audience of a segment as a file, and why it is not everybody who is in it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from coterie.activate.export import export as write
from coterie.activate.export import with_ids
from coterie.collect.values import whole
from coterie.errors import StoreError, UnknownName, nearest
from coterie.language.definitions import Stages, Trait
from coterie.privacy.consent import CONSENT
from coterie.profiles.counting import inside
from coterie.project.reports import ExportReport

if TYPE_CHECKING:
    from coterie.project.project import Project

SCREEN = Path("-")
"""Stands for the standard output."""


def export(
    project: Project,
    segment: str,
    out: Path,
    form: str,
    *,
    traits: Sequence[str],
    at: int | None,
    ids: Sequence[str] | None,
) -> ExportReport:
    """Write an audience to a file; see :meth:`coterie.project.Project.export`."""
    group, _, stage = segment.partition(".")
    position = project.answers.position(at)
    rows, holds = audience(project, group, stage, traits, at)
    n_audience = rows.num_rows
    if ids is not None:
        rows = with_ids(rows, _pseudonyms(project, ids))
    if out == SCREEN:
        write(rows, sys.stdout.buffer, form)
    else:
        _write_whole(rows, out, form)
    purpose = project.library.purpose(group)
    return ExportReport(
        segment=segment,
        purpose=purpose,
        at=position.t,
        holds=holds,
        audience=n_audience,
        written=rows.num_rows,
        message=_message(project, purpose, holds, n_audience, rows.num_rows, ids is not None),
        file="" if out == SCREEN else str(out),
    )


def audience(
    project: Project, group: str, stage: str, traits: Sequence[str], at: int | None
) -> tuple[pa.Table, int]:
    """The people of a segment who may be used for its purpose, and how many are in it at all."""
    everyone, holds, allowed = membership(project, group, stage, traits, at)
    n_holds = holds.combine_chunks().sum().as_py() or 0
    return everyone.filter(allowed).select(["profile", *traits]), n_holds


def membership(
    project: Project, group: str, stage: str, traits: Sequence[str], at: int | None
) -> tuple[pa.Table, pa.ChunkedArray, pa.ChunkedArray]:
    """Everyone, with a truth a row whether they are in it, and whether they may be used too."""
    check(project, group, stage)
    for name in traits:
        project.library.definition(name)
    permission = project.questions.permission(group)
    names = tuple(dict.fromkeys((group, *traits, permission)))
    everyone = project.answers.everyone(names, at)
    return everyone, *inside(project.questions, everyone, group, stage)


def check(project: Project, group: str, stage: str) -> None:
    """Refuse what is neither a segment nor one of the stages.

    Raises
    ------
    UnknownName
    """
    definition = project.library.definition(group)
    if isinstance(definition, Trait):
        raise UnknownName(
            f"{group!r} is a trait; only segments and stages have people in them",
            hint=nearest(group, project.questions.groups),
        )
    options = definition.options if isinstance(definition, Stages) else ("",)
    if stage not in options:
        known = [f"{group}.{option}" for option in options]
        raise UnknownName(
            "name one of the stages" if options != ("",) else f"{group!r} has no stages",
            got=repr(f"{group}.{stage}" if stage else group),
            hint=f"known: {', '.join(known)}" if options != ("",) else f"write {group}",
        )


def _pseudonyms(project: Project, ids: Sequence[str]) -> dict[str, str]:
    """Pseudonym -> the caller's own id, in the spelling that the caller has."""
    person = project.pseudonymiser.person
    return {person(whole(raw)): raw for raw in ids} | {person(raw): raw for raw in ids}


def _write_whole(rows: pa.Table, out: Path, form: str) -> None:
    """Write beside the file and put it in its place at the end, so that it is never half."""
    half = out.with_name(f".{out.name}.half")
    try:
        try:
            with half.open("wb") as file:
                write(rows, file, form)
            half.replace(out)
        finally:
            half.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            "the export cannot be written", where=str(out),
            got=error.strerror or type(error).__name__, hint="name another place with --out",
        ) from None  # fmt: skip


def _message(
    project: Project, purpose: str, holds: int, allowed: int, written: int, listed: bool
) -> str:
    said = f"{holds:,} hold, {allowed:,} may be used for {purpose}"
    if allowed < holds:
        said += f": {_reason(project, purpose, holds - allowed)}"
    if listed:
        said += f"; {written:,} of them are in the list of ids"
    return said


def _reason(project: Project, purpose: str, n_refused: int) -> str:
    if CONSENT not in project.stores.lake.names():
        return "no consent mapped"
    basis = project.library.purposes[purpose]
    return f"{n_refused:,} {'have not agreed' if basis == 'consent' else 'have objected'}"
