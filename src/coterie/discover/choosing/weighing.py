"""What a candidate is weighed at, and what rules one out."""

from __future__ import annotations

from math import sqrt

import msgspec
import numpy as np

from coterie.discover.candidates import Candidate

LEAST_STABLE = 0.65
"""The least adjusted Rand index, by bootstrap and by halves, of clusters called stable."""
LEAST_VALLEY = 0.15
"""The least depth of the valleys between clusters that are called separate."""
POWER = 0.75
"""Below 1, twice as much to tell people apart by is less than twice as good."""
MOST_NOISE = 0.5
WITHOUT_RULE = 0.9
"""What clusters that cannot be run live are weighed at."""


class Use(msgspec.Struct, frozen=True):
    """What the segments are for.

    Parameters
    ----------
    most : int
        So many segments can be treated apart; more are not recommended.
    live : bool
        Whether people should move between them live, so that a rule for one person is worth
        having.
    """

    most: int = 10
    live: bool = True


def weight(candidate: Candidate, use: Use) -> float:
    """Stability x separation x information, less noise: see `recommend`."""
    kept = 1 - value(candidate, "noise")
    again = sqrt(max(value(candidate, "stability"), 0) * max(value(candidate, "folds"), 0))
    rule = 1.0 if candidate.shape is not None or not use.live else WITHOUT_RULE
    told: float = information(candidate) ** POWER
    return kept * again * separation(candidate) * told * rule


def separation(candidate: Candidate) -> float:
    """How far apart the clusters are: the mean of valley and silhouette, at least 0."""
    return max(0.0, (value(candidate, "valley") + value(candidate, "silhouette")) / 2)


def information(candidate: Candidate) -> float:
    """How much the name of a person's cluster tells: the entropy of the sizes, in bits."""
    sizes = np.bincount(candidate.labels[candidate.labels >= 0])
    shares = sizes[sizes > 0] / max(1, sizes.sum())
    return float(-(shares * np.log2(shares)).sum())


def value(candidate: Candidate, name: str) -> float:
    """A measure's value; 0 where it is absent."""
    measure = candidate.measures.get(name)
    return 0.0 if measure is None else measure.value


def fault(candidate: Candidate, floor: int, use: Use) -> str:
    """Why a candidate cannot be recommended, as the kind of fault; empty where it can."""
    chance = {
        name: measure.high
        for name, measure in candidate.measures.items()
        if name.endswith("_by_chance")
    }
    checks = {
        "one": candidate.k >= 2,
        "many": candidate.k <= use.most,
        "small": value(candidate, "smallest") >= floor,
        "noise": value(candidate, "noise") <= MOST_NOISE,
        "chance": value(candidate, "silhouette") > chance.get("silhouette_by_chance", 0.0)
        and value(candidate, "valley") > max(LEAST_VALLEY, chance.get("valley_by_chance", 0.0)),
        "unstable": min(value(candidate, "stability"), value(candidate, "folds")) >= LEAST_STABLE,
    }
    return next((name for name, passed in checks.items() if not passed), "")
