"""The tracking plan over time: what a change breaks, what was broken, what a plan could be."""

from coterie.project.planning.planning import Planning
from coterie.project.planning.reports import (
    Effect,
    PlanDifferences,
    PlanReport,
    PlanVersion,
    PlanVersions,
    Violated,
    ViolationsReport,
)

__all__ = [
    "Effect", "PlanDifferences", "PlanReport", "PlanVersion", "PlanVersions", "Planning",
    "Violated", "ViolationsReport",
]  # fmt: skip
