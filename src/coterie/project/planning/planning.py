"""A project's tracking plan: checked before it takes effect, compared, and watched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.collect.drafting import Traffic
from coterie.collect.gate import Gate
from coterie.errors import DefinitionErrors, ProjectError
from coterie.language.compatibility import PlanChange, compared
from coterie.language.library import Library
from coterie.language.load import load
from coterie.language.plan import TrackingPlan
from coterie.language.planfile import PlanStore
from coterie.language.planfile import load as load_file
from coterie.language.time import DAY
from coterie.project.planning.effects import effects
from coterie.project.planning.reports import (
    PlanDifferences,
    PlanReport,
    PlanVersion,
    PlanVersions,
    Violated,
    ViolationsReport,
)
from coterie.storage import plans, violations
from coterie.storage.ledger import Ledger

if TYPE_CHECKING:
    from coterie.project.opened import Opened

_BATCH = 10_000
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


class Planning:
    """The tracking plan of a project over time.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Opened) -> None:
        self._project = project

    def check(self, against: Path | None = None, *, days: int = 30) -> PlanReport:
        """What the files' plan breaks, compared with the version in force; writes nothing.

        Parameters
        ----------
        against : Path, optional
            A folder of plan files, or one of them, to compare with instead.
        days : int
            How many days before the newest event are asked for values that would be refused.

        Raises
        ------
        PlanError
            The files are no plan, or one that this installation cannot use.
        """
        new, notes = self._project.plans.load(), list[str]()
        Gate(new)
        version, old = self._compared(against)
        if old is None:
            notes.append("no run has recorded a tracking plan yet: there is nothing to compare")
        changes = [] if old is None else compared(old, new)
        found = effects(self._project.stores.lake, old or new, new, changes, self._since(days))
        wrong = self._definitions(new)
        breaking = bool(wrong) or any(change.breaking for change in changes)
        return PlanReport(version, days, changes, wrong, found, notes, breaking)

    def _compared(self, against: Path | None) -> tuple[int | None, TrackingPlan | None]:
        if against is not None:
            return None, load_file(against) if against.is_file() else PlanStore(against).load()
        kept = plans.latest(self._project.stores.ledger)
        return (None, None) if kept is None else (kept.version, kept.plan)

    def _since(self, days: int) -> int:
        """That many days before the newest event that the lake holds."""
        lake = self._project.stores.lake
        seen = lake.presence(lake.offset())["last"].to_pylist() if lake.offset() else []
        return max(seen, default=0) - days * DAY

    def _definitions(self, plan: TrackingPlan) -> list[str]:
        project = self._project
        settings = project.settings
        try:
            Library(load(project.folder), plan, settings.bases, settings.default_purpose)
        except DefinitionErrors as several:
            return [f"{one.where}: {one.what}" for one in several.errors]
        return []

    def versions(self) -> PlanVersions:
        """Every version that runs recorded, with what it changed."""
        before, found = TrackingPlan(), list[PlanVersion]()
        for kept in plans.kept(self._project.stores.ledger):
            plan = kept.plan
            n = sum(len(event.properties) for event in plan.events.values())
            changes = compared(before, plan)
            found.append(
                PlanVersion(kept.version, kept.hash, kept.at, len(plan.events), n, changes)
            )
            before = plan
        return PlanVersions(found)

    def differences(self, old: int | None = None, new: int | None = None) -> PlanDifferences:
        """What two versions do not share; by default the one in force, and the files.

        Raises
        ------
        ProjectError
            No run recorded such a version.
        """
        kept = plans.kept(self._project.stores.ledger)
        by_number = {one.version: one for one in kept}
        wanted = old if old is not None else (kept[-1].version if kept else 0)
        for number in (wanted, new):
            if number is not None and number not in by_number:
                raise ProjectError(
                    "there is no such version of the tracking plan", got=str(number),
                    hint="type: coterie plan versions",
                )  # fmt: skip
        newer = self._project.plans.load() if new is None else by_number[new].plan
        return PlanDifferences(wanted, new, compared(by_number[wanted].plan, newer))

    def violations(self, *, days: int = 7, source: str | None = None) -> ViolationsReport:
        """What was not as planned, counted by day, the newest first.

        Parameters
        ----------
        days : int
            Up to today.
        """
        since = self._project.now() // DAY - days + 1
        counts = violations.counted(self._project.stores.ledger, since, source)
        return ViolationsReport([
            Violated((_FIRST + timedelta(days=kind.day)).date().isoformat(), *kind[1:], n)
            for kind, n in counts.items()
        ])  # fmt: skip

    def draft(self, *, source: str | None = None, new: bool = False, events: int = 200_000) -> str:
        """A tracking plan out of the newest stored events, as TOML with counts as comments.

        Parameters
        ----------
        source : str, optional
            Only events of this source.
        new : bool
            Only events that the tracking plan does not have.
        events : int
            How many entries of the log are read, from its end.
        """
        log = self._project.stores.log
        seen, at, end = Traffic(self._project.plans.load()), max(log.end() - events, 0), log.end()
        while at < end and (entries := log.read(at, _BATCH)):
            for entry in entries:
                if entry.kind == "event" and source in (None, entry.event.source):
                    seen.add(entry.event)
            at = entries[-1].offset
        return seen.toml(new=new)


def noted(ledger: Ledger, plan: TrackingPlan, now: int) -> list[str]:
    """Make a plan the version in force, and say what it broke, where it is another than before."""
    former = plans.latest(ledger)
    kept = plans.keep(ledger, plan, now)
    if kept is None or former is None:
        return []
    broken = [change for change in compared(former.plan, plan) if change.breaking]
    return [_warning(kept.version, broken)] if broken else []


def _warning(version: int, broken: list[PlanChange]) -> str:
    more = f" and {len(broken) - 3:,} more" if len(broken) > 3 else ""
    told = "; ".join(f"{one.where}: {one.told}" for one in broken[:3])
    return (
        f"the tracking plan is another than at the last run (version {version}): {told}{more} "
        f"(coterie plan diff {version - 1} {version})"
    )
