"""Importing into a project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from coterie.collect.importer import Importer
from coterie.collect.infer import infer
from coterie.collect.mapping import Mapping, load_mapping, loads, replaced
from coterie.collect.quarantine import Outcome
from coterie.collect.reading import open_table
from coterie.collect.rows import Edit
from coterie.collect.summary import Summary
from coterie.errors import CoterieError
from coterie.profiles.flushing import Progress, flush
from coterie.project import folder as folders
from coterie.project.receiving import collector as collector
from coterie.project.receiving import drained

if TYPE_CHECKING:
    from coterie.project.project import Project


def mapping_for(
    project: Project, files: Sequence[Path], mapping: Mapping | Path | None, source: str
) -> Mapping:
    """The mapping given, else that of the source's last import, else what the first file suggests.

    Parameters
    ----------
    source : str
        Where the facts come from; empty for what the mapping says, or the file suggests.
    """
    if mapping is None:
        return chosen(project, files, source)[0]
    if isinstance(mapping, Path):
        mapping = load_mapping(mapping)
    return replaced(mapping, source=source) if source else mapping


def chosen(project: Project, files: Sequence[Path], source: str) -> tuple[Mapping, str]:
    """A mapping where none is given, and the files of the earlier import that it is from, if any.

    Notes
    -----
    The last import of the same source counts, where its mapping reads only this file: whoever
    wrote or accepted a mapping means it for the next file too. Where a column of it is not in the
    first file, the mapping is inferred.
    """
    inferred = None if source else _inferred(project, files[0], source)
    wanted = inferred.source if inferred else source
    for done in reversed(project.stores.ledger.imports()):
        if done.source == wanted and done.counts.get("mapping"):
            former = loads(done.counts["mapping"])
            if not former.lookups and _fits(former, files[0]):
                return former, done.file
            break
    return inferred or _inferred(project, files[0], source), ""


def _inferred(project: Project, file: Path, source: str) -> Mapping:
    return _here(infer(file, source=source or None), project.settings.zone)


def _fits(mapping: Mapping, file: Path) -> bool:
    """Whether a file has every column that a mapping reads."""
    try:
        found = open_table(file, mapping.file).columns
    except CoterieError:  # it is written in another way
        return False
    return set(mapping.columns().values()) <= set(found)


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
    project: Project, mended: Path | dict[str, Edit] | None, source: str | None,
    reason: str | None,
) -> Outcome:  # fmt: skip
    """Import rows of the quarantine again."""
    with project.writing() as stores:
        drained(project, stores)
        outcome = project.quarantine.replay(
            importer(project), now=project.now(), mended=mended, source=source, reason=reason,
            collector=collector(project),
        )  # fmt: skip
        flush(stores, project.plans.load())
    return outcome
