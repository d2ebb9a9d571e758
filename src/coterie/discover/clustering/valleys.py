"""Whether there is a valley between clusters, or whether a cut went through one heap.

K-means cuts anything into as many parts as it is asked for. Between two clusters that are really
two, people are rarer than in either; a cut through one heap has people on it as densely as beside
it. So each pair is seen along the direction that tells the two best apart, and the density there
is compared with the lower of the two peaks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coterie.discover.clustering.fitting import Labels
from coterie.discover.prepared import Reals

BINS = 256
LEAST_PEOPLE = 10
RIDGE = 1e-3


def depth(rows: Reals, labels: Labels) -> float | None:
    """How deep the valleys are, 0 (cuts through one heap) to 1 (nobody between the clusters).

    Parameters
    ----------
    rows : (n, d) float64
    labels : (n,) int32
        Noise is left out, as are clusters of fewer than 10 people.

    Returns
    -------
    float or None
        The mean over people of the depth to the cluster from which theirs is least apart; None
        with fewer than two clusters.
    """
    kept = [j for j in range(int(labels.max(initial=-1)) + 1)
            if np.count_nonzero(labels == j) >= LEAST_PEOPLE]  # fmt: skip
    if len(kept) < 2:
        return None
    parts = [rows[labels == j] for j in kept]
    least = between(parts).min(axis=1)
    sizes = np.array([len(part) for part in parts])
    return float((least * sizes).sum() / sizes.sum())


def between(parts: list[Reals]) -> Reals:
    """The depth of the valley between each two of these clusters; infinite with oneself."""
    k = len(parts)
    means = [part.mean(axis=0) for part in parts]
    spreads: list[Reals] = [
        np.cov(part, rowvar=False).reshape(2 * [part.shape[1]]) for part in parts
    ]
    found: Reals = np.full((k, k), np.inf, dtype=np.float64)
    for i in range(k):
        for j in range(i):
            pooled = (spreads[i] * len(parts[i]) + spreads[j] * len(parts[j])) / (
                len(parts[i]) + len(parts[j])
            )
            along = _direction(means[i] - means[j], pooled)
            found[i, j] = found[j, i] = valley(parts[i] @ along, parts[j] @ along)
    return found


def _direction(apart: Reals, pooled: Reals) -> Reals:
    """Fisher's discriminant, made stable where the clusters are flat."""
    ridge = RIDGE * max(float(np.trace(pooled)) / len(pooled), 1e-12)
    found = np.linalg.solve(pooled + ridge * np.eye(len(pooled)), apart)
    return np.asarray(found, dtype=np.float64)


def valley(above: Reals, below: Reals) -> float:
    """How far the density falls between two groups on a line, as a part of the lower peak.

    Parameters
    ----------
    above, below : (n,) and (m,) float64
        The groups' positions; the first lies higher on average.

    Notes
    -----
    The density is a Gaussian kernel's, its bandwidth by Silverman's rule from the wider of the
    groups' own spreads: two peaks of one heap cannot come of a bandwidth that is too small.
    """
    both = np.concatenate([above, below])
    low, high = float(both.min()), float(both.max())
    if not high > low:
        return 0.0
    width = 0.9 * max(float(above.std()), float(below.std())) * len(both) ** -0.2
    counts, edges = np.histogram(both, bins=BINS, range=(low, high))
    density = _smoothed(counts.astype(float), width / (edges[1] - edges[0]))
    places = (edges[:-1] + edges[1:]) / 2
    first, last = (int(np.searchsorted(places, m)) for m in (below.mean(), above.mean()))
    return _fall(density, min(first, BINS - 1), min(last, BINS - 1))


def _smoothed(counts: Reals, bins: float) -> Reals:
    """Counts under a Gaussian kernel so many bins wide; nothing lies beyond the ends."""
    bins = min(max(bins, 0.5), BINS)
    reach = int(np.ceil(4 * bins))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / bins) ** 2)
    found: Reals = np.convolve(counts, kernel / kernel.sum())[reach : reach + len(counts)]
    return found


def _fall(density: Reals, first: int, last: int) -> float:
    """The deepest fall between the two means, from the lower of the peaks on either side."""
    if last <= first:
        return 0.0
    rising: NDArray[np.float64] = np.maximum.accumulate(density[: last + 1])
    falling = np.maximum.accumulate(density[first:][::-1])[::-1]
    lower = np.minimum(rising[first : last + 1], falling[: last - first + 1])
    middle = density[first : last + 1]
    return float(np.max(1 - np.divide(middle, lower, out=np.ones_like(middle), where=lower > 0)))
