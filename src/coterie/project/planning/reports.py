"""What is said of tracking plans, as data."""

from __future__ import annotations

from coterie.language.compatibility import PlanChange
from coterie.project.reports import Report


class Effect(Report, frozen=True):
    """What a change would have refused of what is stored.

    Parameters
    ----------
    where : str
        ``Order Completed.revenue``.
    refused, stored : int
        Events of the last days whose value the new plan refuses, and all of that name.
    """

    where: str
    refused: int
    stored: int


class PlanReport(Report, frozen=True):
    """The files of the tracking plan against a version.

    Parameters
    ----------
    version : int or None
        The one compared with; None for a folder of files, or where no run has recorded any.
    changes : list of PlanChange
    definitions : list of str
        Definitions that cannot be meant by the files' plan, each with its place and the reason.
    effects : list of Effect
        Where events of the last `days` days would be refused.
    notes : list of str
    breaking : bool
        Whether anything that was right may be wrong by the files' plan.
    """

    version: int | None
    days: int
    changes: list[PlanChange]
    definitions: list[str]
    effects: list[Effect]
    notes: list[str]
    breaking: bool


class PlanVersion(Report, frozen=True):
    """A plan that was in force: since when (microseconds UTC), and what it changed."""

    version: int
    hash: str
    at: int
    events: int
    properties: int
    changes: list[PlanChange]


class PlanVersions(Report, frozen=True):
    """Every version of the tracking plan that runs recorded, oldest first."""

    versions: list[PlanVersion]


class PlanDifferences(Report, frozen=True):
    """What two plans do not share; `new` is None for the files as they are now."""

    old: int
    new: int | None
    changes: list[PlanChange]


class Violated(Report, frozen=True):
    """How often one rule was broken on one day.

    Parameters
    ----------
    day : str
        ISO 8601, UTC, of when it was judged.
    event, path : str
        By names of the plan; ``*`` for what it does not name.
    action : str
        ``observed``, ``coerced``, ``dropped`` or ``refused``.
    """

    day: str
    source: str
    event: str
    path: str
    rule: str
    action: str
    n: int


class ViolationsReport(Report, frozen=True):
    """Violations of the tracking plan, the newest day first."""

    violations: list[Violated]
