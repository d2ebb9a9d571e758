"""Criteria that need no distances between people: spread within, spread between, sizes, noise."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

from coterie.discover.candidates import Measure
from coterie.discover.clustering.fitting import Labels
from coterie.discover.prepared import Reals


def criteria(rows: Reals, labels: Labels) -> dict[str, Measure]:
    """Inertia, Davies-Bouldin, Calinski-Harabasz, the share of noise, and the smallest size.

    Parameters
    ----------
    rows : (n, d) float64
    labels : (n,) int32
        Noise (-1) belongs to no cluster; only `noise` counts it.

    Returns
    -------
    dict of str to Measure
        Exact. Without a cluster there is only `noise`; the two scores need at least two clusters
        and more people than clusters.
    """
    inside = labels >= 0
    found = {"noise": Measure.exact(1 - float(inside.mean()))}
    if not inside.any():
        return found
    kept, theirs = (rows, labels) if inside.all() else (rows[inside], labels[inside])
    sizes = np.bincount(theirs)
    found["smallest"] = Measure.exact(float(sizes.min()))
    found["inertia"] = Measure.exact(inertia(kept, theirs))
    if 2 <= len(sizes) < len(kept):
        found["davies_bouldin"] = Measure.exact(float(davies_bouldin_score(kept, theirs)))
        found["calinski_harabasz"] = Measure.exact(float(calinski_harabasz_score(kept, theirs)))
    return found


def inertia(rows: Reals, labels: Labels) -> float:
    """The sum of squared distances to the clusters' means."""
    sizes = np.bincount(labels)
    means = np.stack([np.bincount(labels, column) / sizes for column in rows.T], axis=1)
    return float(sum(((rows[labels == j] - mean) ** 2).sum() for j, mean in enumerate(means)))
