"""Where a project stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from coterie.profiles.restoring import check
from coterie.project import folder as folders
from coterie.project.receiving import waiting
from coterie.project.reports import InboxStatus, StatusReport
from coterie.project.streaming.standing import standing
from coterie.storage.balance import balance

if TYPE_CHECKING:
    from coterie.project.project import Project


def status(project: Project) -> StatusReport:
    """The fates of all that was received, the clock, and the size of the stores."""
    log, lake, ledger = project.stores
    check(project.stores)
    fates, last, library = balance(log, ledger), ledger.last_run(), project.library
    return StatusReport(
        name=project.settings.name,
        zone=project.settings.zone,
        received=fates.received,
        stored=fates.stored,
        duplicate=fates.duplicate,
        quarantined=fates.quarantined,
        erased=fates.erased,
        balanced=fates.holds,
        clock=log.clock(),
        log_offset=log.end(),
        lake_offset=lake.offset(),
        n_runs=len(ledger.runs()),
        version=last.counts["version"] if last else None,
        definitions={
            "traits": len(library.traits),
            "segments": len(library.segments),
            "stages": len(library.stages),
        },
        reasons=ledger.reasons(),
        sizes=_sizes(project.folder / folders.DATA),
        stream=standing(project),
        inbox=_inbox(project),
        forgotten=log.forgotten(),
    )


def _inbox(project: Project) -> InboxStatus | None:
    if not (project.folder / folders.DATA / folders.INBOX).is_dir():
        return None
    drained, requests = project.stores.log.drained(), waiting(project)
    end, first = requests.end(), requests.read(drained, most=1)
    requests.close()
    return InboxStatus(
        waiting=max(0, end - drained),
        lag=max(0, project.now() - first[0].received_at) if first else 0,
        drained=drained,
    )


def _sizes(data: Path) -> dict[str, int]:
    stores = {"log": "log.db*", "lake": "lake/**/*", "ledger": "ledger.db*"}
    stores |= {"inbox": f"{folders.INBOX}/*", "snapshots": f"{folders.SNAPSHOTS}/*"}
    return {
        name: sum(path.stat().st_size for path in data.glob(pattern) if path.is_file())
        for name, pattern in stores.items()
    }
