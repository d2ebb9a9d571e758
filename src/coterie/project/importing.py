"""Importing into a project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from coterie.collect.importer import Importer
from coterie.collect.infer import infer
from coterie.collect.mapping import Mapping, load_mapping, replaced
from coterie.collect.quarantine import Outcome
from coterie.collect.summary import Summary
from coterie.errors import StoreError
from coterie.profiles.flushing import Progress, flush
from coterie.project import folder as folders

if TYPE_CHECKING:
    from coterie.project.project import Project


def mapping_for(
    project: Project, files: Sequence[Path], mapping: Mapping | Path | None, source: str
) -> Mapping:
    """The mapping given, or the one that the first file suggests."""
    if mapping is None:
        return _here(infer(files[0], source=source or None), project.settings.zone)
    if isinstance(mapping, Path):
        mapping = load_mapping(mapping)
    return replaced(mapping, source=source) if source else mapping


def _here(mapping: Mapping, zone: str) -> Mapping:
    """An inferred mapping whose clocks, where they name no zone, are those of the project."""
    if mapping.instant is None:
        return mapping
    return replaced(mapping, instant=msgspec.structs.replace(mapping.instant, zone=zone))


def importer(project: Project) -> Importer:
    """What brings files into this project's stores."""
    stores = project.stores
    scratch = project.folder / folders.DATA / "scratch"
    return Importer(stores.log, stores.ledger, project.pseudonymiser, project.plans, scratch)


def import_files(
    project: Project,
    files: Sequence[Path],
    mapping: Mapping,
    folder: Path | None,
    progress: Progress,
) -> Summary:
    """Bring files into the log and the lake; see :meth:`coterie.project.Project.import_`."""

    def tell(done: int, total: int | None) -> None:
        progress("Reading rows" if total is None else "Storing rows", done, total or 0)

    with project.writing() as stores:
        summary = importer(project).run(
            files, mapping, now=project.now(), folder=folder, progress=tell
        )
        flush(stores, project.plans.load(), progress)
    return summary


def replay(
    project: Project, mended: Path | None, source: str | None, reason: str | None
) -> Outcome:
    """Import rows of the quarantine again."""
    with project.writing() as stores:
        outcome = project.quarantine.replay(
            importer(project), now=project.now(), mended=mended, source=source, reason=reason
        )
        flush(stores, project.plans.load())
    return outcome


def refused_row(project: Project, wanted: str) -> str:
    """One row of the quarantine as it came, as JSON."""
    for row in project.stores.ledger.quarantined():
        if row.id == wanted:
            return project.pseudonymiser.open(row.sealed).decode()
    raise StoreError("no row in quarantine has this id", hint="type: coterie quarantine list")
