"""Each cluster explained: how its people differ, which traits decide, and who is typical."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coterie.discover.candidates import Candidate, Measure
from coterie.discover.crowd import Crowd
from coterie.discover.explaining.differences import Difference, differences
from coterie.discover.explaining.surrogate import Surrogate, Weight
from coterie.discover.prepared import Prepared

EXEMPLARS = 3
ASKED = 200
"""People of a cluster whose Shapley values are averaged, at most."""


@dataclass(frozen=True)
class Profile:
    """What makes one cluster itself.

    Parameters
    ----------
    cluster : int
    people : int
    share : float
        Of everybody in the study, noise included.
    differences : tuple of Difference
        Of each feature against everybody else, the largest first.
    weights : tuple of Weight
        What each trait does for putting its people there: mean Shapley values of a surrogate.
    agreement : Measure
        How often the surrogate puts held-out people where the clustering did.
    exemplars : tuple of str
        Pseudonyms of its most typical people: the nearest to its mean.
    """

    cluster: int
    people: int
    share: float
    differences: tuple[Difference, ...]
    weights: tuple[Weight, ...]
    agreement: Measure
    exemplars: tuple[str, ...]


def explain(
    crowd: Crowd,
    prepared: Prepared,
    candidate: Candidate,
    *,
    surrogate: Surrogate | None = None,
    seed: int = 0,
) -> tuple[Profile, ...]:
    """Every cluster explained, in their order; noise is not.

    Parameters
    ----------
    crowd, prepared, candidate
        Of one study.
    surrogate : Surrogate, optional
        One that was taught these clusters already.
    seed : int
    """
    model = surrogate or Surrogate(prepared, candidate, seed)
    return tuple(
        _profile(prepared, candidate, model, found, i, seed)
        for i, found in enumerate(differences(prepared, candidate))
    )


def _profile(
    prepared: Prepared,
    candidate: Candidate,
    model: Surrogate,
    found: tuple[Difference, ...],
    cluster: int,
    seed: int,
) -> Profile:
    rows = np.flatnonzero(candidate.labels == cluster)
    rng = np.random.default_rng([seed, cluster])
    some = np.sort(rng.permutation(rows)[:ASKED])
    typical = exemplars(prepared, rows)
    return Profile(
        cluster,
        len(rows),
        len(rows) / len(candidate.labels),
        found,
        model.weights(some, cluster),
        model.agreement,
        tuple(str(prepared.raw.index[row]) for row in typical),
    )


def exemplars(prepared: Prepared, rows: NDArray[np.int64], most: int = EXEMPLARS) -> list[int]:
    """The rows nearest to the mean of some rows, nearest first; ties go to the earlier row."""
    inside = prepared.matrix[rows]
    away = ((inside - inside.mean(axis=0)) ** 2).sum(axis=1)
    return [int(row) for row in rows[np.argsort(away, kind="stable")[:most]]]
