"""Coterie: a customer data platform that a Python team can import."""

from typing import TYPE_CHECKING, Any

from coterie.language.authoring import (
    case,
    cluster,
    coalesce,
    declared,
    event,
    instant,
    population_max,
    population_mean,
    population_min,
    population_quantile,
    population_stddev,
    predict,
    quantile_rank,
    segment,
    stages,
    tiers,
    trait,
)
from coterie.language.time import days, hours, minutes, seconds, weeks

if TYPE_CHECKING:
    from coterie.project import open as open  # noqa: A004 - `coterie.open("shop")`

__all__ = [
    "case",
    "cluster",
    "coalesce",
    "days",
    "declared",
    "event",
    "hours",
    "instant",
    "minutes",
    "population_max",
    "population_mean",
    "population_min",
    "population_quantile",
    "population_stddev",
    "predict",
    "quantile_rank",
    "seconds",
    "segment",
    "stages",
    "tiers",
    "trait",
    "weeks",
]


def __getattr__(name: str) -> Any:
    """`open`, which brings the stores and engines with it, when it is first used."""
    if name == "open":
        from coterie.project import open  # noqa: A004

        return open
    raise AttributeError(f"module 'coterie' has no attribute {name!r}")
