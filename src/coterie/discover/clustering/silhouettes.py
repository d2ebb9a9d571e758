"""The silhouettes of many clusterings at once: exact among few, sampled with its error among many.

One distance serves every clustering: the distances of a block of people to all others are computed
once, and a product with the clusterings' membership columns sums them by cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics.pairwise import euclidean_distances

from coterie.discover.candidates import Measure
from coterie.discover.clustering.fitting import Labels
from coterie.discover.prepared import Reals

P_OUTSIDE = 0.05
"""The chance that any of the intervals of one comparison misses."""
CELLS = 8_000_000
"""Distances held at once."""


def silhouettes(
    rows: Reals,
    clusterings: Sequence[Labels],
    *,
    exact_people: int,
    sampled_people: int,
    rng: np.random.Generator,
) -> list[Measure | None]:
    """The mean silhouette of each clustering (Rousseeuw 1987), noise apart.

    Parameters
    ----------
    rows : (n, d) float64
    clusterings : sequence of (n,) int32
    exact_people : int
        Up to so many rows everybody is computed, and the value is scikit-learn's.
    sampled_people : int
        Above that so many are drawn at random, and each is compared with everybody, so that the
        mean has no bias.

    Returns
    -------
    list of Measure or None
        None for fewer than 2 clusters. With a probability of 95 % all intervals contain their
        exact values (normal, corrected for the finite crowd and for the number of clusterings).
    """
    n = len(rows)
    drawn = np.arange(n) if n <= exact_people else np.sort(rng.choice(n, sampled_people, False))
    each = individual(rows, clusterings, drawn)
    z = NormalDist().inv_cdf(1 - P_OUTSIDE / 2 / max(1, len(clusterings)))
    return [_measure(column, n, len(drawn), z) for column in each]


def individual(rows: Reals, clusterings: Sequence[Labels], drawn: NDArray[np.intp]) -> list[Reals]:
    """The silhouette of each drawn row in each clustering; NaN for noise, 0 for one alone."""
    n, offsets = len(rows), np.cumsum([0, *(int(each.max(initial=-1)) + 1 for each in clusterings)])
    accuracy: Any = np.float64 if len(drawn) == n else np.float32
    sums = np.zeros((len(drawn), int(offsets[-1])))
    some = rows[drawn].astype(accuracy)
    step = max(1, CELLS // max(1, len(drawn)))
    for start in range(0, n, step):
        block = slice(start, min(n, start + step))
        members = _members([each[block] for each in clusterings], offsets, accuracy)
        sums += _distances(some, rows[block].astype(accuracy), drawn - start) @ members
    return [
        _of_sums(sums[:, start:end], labels, drawn)
        for labels, start, end in zip(clusterings, offsets[:-1], offsets[1:], strict=True)
    ]


def _members(
    clusterings: Sequence[Labels], offsets: NDArray[np.int64], accuracy: Any
) -> NDArray[Any]:
    """A column for each cluster of each clustering, 1 where the row is in it."""
    found = np.zeros((len(clusterings[0]), int(offsets[-1])), dtype=accuracy)
    for labels, start in zip(clusterings, offsets[:-1], strict=True):
        inside = np.flatnonzero(labels >= 0)
        found[inside, labels[inside] + start] = 1
    return found


def _distances(some: Reals, block: Reals, own: NDArray[np.intp]) -> Reals:
    """Distances to a block of people; exactly 0 to oneself."""
    found: Reals = euclidean_distances(some, block)
    inside = np.flatnonzero((own >= 0) & (own < len(block)))
    found[inside, own[inside]] = 0
    return found


def _of_sums(sums: Reals, labels: Labels, drawn: NDArray[np.intp]) -> Reals:
    """Silhouettes from each drawn row's summed distances to every cluster."""
    found = np.full(len(drawn), np.nan)
    if sums.shape[1] < 2:
        return found
    sizes = np.bincount(labels[labels >= 0], minlength=sums.shape[1]).astype(float)
    mine = labels[drawn]
    inside = np.flatnonzero(mine >= 0)
    own = mine[inside]
    within = sums[inside, own] / np.maximum(sizes[own] - 1, 1)
    means = sums[inside] / sizes
    means[np.arange(len(inside)), own] = np.inf
    nearest, most = means.min(axis=1), np.maximum(within, means.min(axis=1))
    values = np.divide(nearest - within, most, out=np.zeros(len(inside)), where=most > 0)
    found[inside] = np.where(sizes[own] > 1, values, 0.0)
    return found


def _measure(values: Reals, n: int, n_drawn: int, z: float) -> Measure | None:
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    mean = float(known.mean())
    if n_drawn == n:
        return Measure.exact(mean)
    error = float(known.std(ddof=1)) / np.sqrt(len(known)) if len(known) > 1 else 1.0
    error *= float(np.sqrt(1 - n_drawn / n))
    return Measure(mean, mean - z * error, mean + z * error)
