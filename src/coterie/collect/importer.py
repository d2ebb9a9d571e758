"""Import: files through a mapping into the log, every row accounted for.

Nothing is stored before every row of every file has been read, so a file that breaks off stores
nothing. What is stored then is stored in batches, each whole; an import that dies between two is
finished by running it again, because what is already there adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from coterie.collect.admitting import Admission
from coterie.collect.draft import draft
from coterie.collect.lookups import Index, load_lookups
from coterie.collect.mapper import Mapper
from coterie.collect.mapping import Mapping, check
from coterie.collect.quarantine import Intake
from coterie.collect.reading import Table, open_table
from coterie.collect.staging import Staging
from coterie.collect.storing import Storing
from coterie.collect.summary import Summary
from coterie.errors import MappingError
from coterie.language.plan import TrackingPlan
from coterie.language.planfile import PlanStore
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.ledger import Ledger
from coterie.storage.log import Log

Progress = Callable[[int, int | None], None]
"""Called with rows done and, once the files have been read, rows in all."""


class Importer:
    """Brings files into a project.

    Parameters
    ----------
    log, ledger : Log, Ledger
        Where events, and quarantined rows and the import's own record, are kept.
    pseudonymiser : Pseudonymiser
        Identifiers and classed properties pass it before anything is stored.
    plans : PlanStore
        The tracking plan; events and properties that it lacks are added to it.
    scratch : Path
        A folder for rows that do not fit memory; nothing stays in it.
    """

    def __init__(
        self, log: Log, ledger: Ledger, pseudonymiser: Pseudonymiser, plans: PlanStore,
        scratch: Path,
    ) -> None:  # fmt: skip
        self.log = log
        self.ledger = ledger
        self.pseudonymiser = pseudonymiser
        self.plans = plans
        self.scratch = scratch

    def run(
        self,
        paths: Sequence[Path],
        mapping: Mapping,
        *,
        now: int,
        folder: Path | None = None,
        progress: Progress | None = None,
    ) -> Summary:
        """Import files of one mapping as one: an order may run over several of them.

        Parameters
        ----------
        now : int
            Microseconds UTC, when the import happens; `received_at` of its events.
        folder : Path, optional
            Where second files of the mapping are looked for, besides the files' own folders.
        progress : callable, optional
            Called with rows done and rows in all.

        Returns
        -------
        Summary
            Counted, summed, and balanced.

        Raises
        ------
        UnreadableFile, MappingError, PlanError
            Before anything is stored: a file that cannot be read to its end, a mapping that
            does not fit it, no row at all that could be read.
        StoreError
            A store failed or is full: what was stored before it stays and is whole; running
            the import again stores the rest.
        """
        check(mapping)
        folders = [path.parent for path in paths] + ([folder] if folder else [])
        lookups = load_lookups(mapping, folders)
        prefixes = tuple(f"{index.name}." for index in lookups)
        wanted = [
            c for c in mapping.columns().values() if not (prefixes and c.startswith(prefixes))
        ]
        tables = [open_table(path, mapping.file, wanted) for path in paths]
        names = [self.pseudonymiser.scrub(path.name) for path in paths]
        named = list(zip(names, tables, strict=True))
        job = _Job(named, mapping, lookups, folders, now, progress or _silent)
        return self._run(job, strict=True)[0]

    def replay(
        self, tables: Sequence[tuple[str, Table]], mapping: Mapping, folders: Sequence[Path],
        now: int,
    ) -> frozenset[str]:  # fmt: skip
        """Import rows that were mended, and return the ids of those refused again.

        See :meth:`coterie.collect.quarantine.Quarantine.replay`, which calls this.
        """
        job = _Job(tables, mapping, load_lookups(mapping, folders), folders, now, _silent)
        return frozenset(self._run(job, strict=False)[1].ids)

    def _run(self, job: _Job, strict: bool) -> tuple[Summary, Intake]:
        mapping, now = job.mapping, job.now
        summary = Summary(files=[name for name, _ in job.tables], source=mapping.source)
        with Staging(self.scratch) as staging:
            admission = Admission(mapping, staging, summary)
            for number, (_, table) in enumerate(job.tables):
                mapper = Mapper(mapping, table.columns, job.lookups, now)
                admission.admit(number, table, mapper, job.tell)
            if strict and summary.n_read and not summary.n_accepted:
                raise _nothing_fits(summary)
            summary.whole(staging.counted())
            plan = self._plan(mapping, tuple(summary.rows))
            intake = Intake(self.ledger, self.pseudonymiser, job.tables, mapping, job.folders, now)
            storing = Storing(self.log, self.pseudonymiser, mapping, plan, intake, summary, now)
            storing.refuse(staging.refusals())
            storing.store(staging.sorted(), job.tell)
            storing.tally.keep(self.ledger)
            intake.record(msgspec.json.decode(summary.as_json()))
        return summary, intake

    def _plan(self, mapping: Mapping, names: tuple[str, ...]) -> TrackingPlan:
        tracked = names if mapping.kind == "events" else ()
        return self.plans.extend(draft(mapping, tracked), mapping.source)[0]


class _Job(NamedTuple):
    """One import: open tables with their names, and what they are read with."""

    tables: Sequence[tuple[str, Table]]
    mapping: Mapping
    lookups: Sequence[Index]
    folders: Sequence[Path]
    now: int
    tell: Progress


def _silent(done: int, total: int | None) -> None:
    """No progress is shown."""


def _nothing_fits(summary: Summary) -> MappingError:
    reason = max(summary.reasons, key=lambda name: summary.reasons[name])
    return MappingError(
        "no row of the file fits the mapping, so nothing was imported",
        where=", ".join(summary.files), got=f"{summary.reasons[reason]:,} rows: {reason}",
        expected=summary.examples.get(reason, ""), hint="look at the mapping's columns and formats",
    )  # fmt: skip
