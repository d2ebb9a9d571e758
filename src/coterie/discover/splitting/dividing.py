"""Whether a group of people is really two: the cut that k-means finds, held against one heap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # it has none

from coterie.discover.clustering.valleys import depth
from coterie.discover.prepared import Feature, Prepared, Reals

MOST = 2_000
"""People on whom a cut is looked for and tested, at most; the others are assigned."""
HEAP = 1_000
"""People of a heap, at most."""
HEAPS = 15
"""Heaps of each kind."""
FEW = 50
"""A trait of fewer different values has steps between them, which are no valleys."""
WIDER = 3
"""Unless a step is so many times wider than those beside it."""


@dataclass(frozen=True)
class Division:
    """A group cut in two.

    Parameters
    ----------
    second : (n,) bool
        Who is in the smaller part.
    valley : float
        How far the density falls between the parts: 0 (one heap) to 1 (nobody between them).
    by_chance : float
        The same where there is one heap of the same spread: the mean.
    p : float
        Of the hypothesis that it is one heap.
    """

    second: NDArray[np.bool_]
    valley: float
    by_chance: float
    p: float


def measured(prepared: Prepared, seed: int = 0) -> Reals:
    """What groups are divided by: numbers, instants and levels as they were standardised.

    Notes
    -----
    Truths, texts and who is unknown divide any group by themselves, which a segment can ask for;
    they are left out. Values in steps are spread evenly over their step, so that there is nothing
    between 2 orders and 3.
    """
    values = prepared.standardised
    features = prepared.features or tuple(Feature("", "") for _ in range(values.shape[1]))
    kept = [
        i
        for i, feature in enumerate(features)
        if feature.category is None and feature.of == "value" and len(_steps(values[:, i])) > 2
    ]
    rng = np.random.default_rng(seed)
    return np.column_stack(
        [_spread(values[:, i], rng) for i in kept] or [np.empty((len(values), 0))]
    )


def _steps(column: Reals) -> Reals:
    found: Reals = np.unique(column[:MOST])
    return found


def _spread(column: Reals, rng: np.random.Generator) -> Reals:
    """Each of few values spread over its step; a gap far wider than those beside it stays one."""
    steps, where = np.unique(column, return_inverse=True)
    if len(steps) >= FEW:
        return column
    gaps = np.diff(steps)
    beside = np.minimum(np.append(gaps[1:], np.inf), np.append(np.inf, gaps[:-1]))
    half = np.minimum(gaps, WIDER * beside) / 2
    below, above = np.append(half[0], half)[where], np.append(half, half[-1])[where]
    return column + rng.uniform(-below, above)


def divided(rows: Reals, floor: int, seed: int) -> Division | None:
    """The cut of a group in two, and how likely one heap looks like this.

    Parameters
    ----------
    rows : (n, d) float64
        Of `measured`.
    floor : int
        The least people of a part.

    Returns
    -------
    Division or None
        None where a part would be smaller, or all are alike.

    Notes
    -----
    As in SigClust (Liu and others, 2008), the group is compared with heaps of its own covariance,
    here Gaussian ones and even ones, and by the depth of the valley between the parts, which
    skewed traits do not deepen. p is that of the t distribution around the mean of the kind of
    heap that is more like it.
    """
    if len(rows) < 2 * floor or not rows.size or not np.ptp(rows, axis=0).any():
        return None
    rng = np.random.default_rng(seed)
    some = rows[rng.permutation(len(rows))[:MOST]]
    with threadpool_limits(limits=1):
        model = KMeans(2, n_init=4, random_state=seed).fit(some)
    labels = model.predict(rows)
    second = labels == np.argmin(np.bincount(labels, minlength=2))
    if second.sum() < floor:
        return None
    found = depth(some, model.labels_.astype(np.int32)) or 0.0
    kinds = [_by_chance(heaps, seed) for heaps in (_gaussians(some, rng), _boxes(some, rng))]
    p, by_chance = max((_p(found, valleys), float(valleys.mean())) for valleys in kinds)
    return Division(second, found, by_chance, p)


def _p(found: float, valleys: Reals) -> float:
    error = float(valleys.std(ddof=1)) * float(np.sqrt(1 + 1 / len(valleys)))
    if error == 0:
        return float(found <= valleys.mean())
    return float(stats.t.sf((found - valleys.mean()) / error, len(valleys) - 1))


def _by_chance(heaps: Iterator[Reals], seed: int) -> Reals:
    """The depth of the valley that a cut finds in each heap."""
    found = []
    with threadpool_limits(limits=1):  # threads would wait for each other longer than they work
        for heap in heaps:
            labels = KMeans(2, n_init=1, random_state=seed).fit_predict(heap)
            found.append(depth(heap, labels.astype(np.int32)) or 0.0)
    return np.array(found)


def _gaussians(rows: Reals, rng: np.random.Generator) -> Iterator[Reals]:
    axes, spread = _axes(rows)
    for _ in range(HEAPS):
        yield (rng.standard_normal((min(len(rows), HEAP), len(spread))) * spread) @ axes


def _boxes(rows: Reals, rng: np.random.Generator) -> Iterator[Reals]:
    axes, _ = _axes(rows)
    along = rows @ axes.T
    low, high = np.quantile(along, (0.005, 0.995), axis=0)
    for _ in range(HEAPS):
        yield rng.uniform(low, high, (min(len(rows), HEAP), len(low))) @ axes


def _axes(rows: Reals) -> tuple[Reals, Reals]:
    """The principal axes, a row each, and the spread along them."""
    values, vectors = np.linalg.eigh(np.cov(rows, rowvar=False).reshape(2 * [rows.shape[1]]))
    return vectors.T, np.sqrt(np.maximum(values, 0))
