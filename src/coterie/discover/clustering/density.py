"""Clusters as dense regions: DBSCAN at one density, HDBSCAN at each cluster's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.neighbors import NearestNeighbors

from coterie.discover.candidates import NOISE
from coterie.discover.clustering.fitting import Fitted, Labels
from coterie.discover.clustering.plan import Plan
from coterie.discover.prepared import Reals

LEAST_SHARE = 0.01
"""HDBSCAN looks for no cluster of less than this part of the people."""


def dbscan(rows: Reals, ks: Sequence[int], seed: int, plan: Plan) -> Iterator[Fitted]:
    """DBSCAN with its distance at the knee of the distances to the n-th neighbour.

    Notes
    -----
    A core has twice as many neighbours as there are dimensions (Sander et al. 1998). Anybody else
    is of the nearest core's cluster, if within the distance, as DBSCAN says of border points.
    """
    least = max(5, 2 * rows.shape[1])
    eps = knee(rows, min(least, len(rows) - 1))
    made = DBSCAN(eps=eps, min_samples=least).fit(rows)
    cores, theirs = made.components_, made.labels_[made.core_sample_indices_]

    def assign(others: Reals) -> Labels:
        if not len(cores):
            return np.full(len(others), NOISE, dtype=np.int32)
        distance, which = NearestNeighbors(n_neighbors=1).fit(cores).kneighbors(others)
        return np.where(distance[:, 0] <= eps, theirs[which[:, 0]], NOISE).astype(np.int32)

    yield Fitted({"eps": eps, "min_samples": least}, assign, own=made.labels_.astype(np.int32))


def knee(rows: Reals, nth: int) -> float:
    """The distance to the n-th neighbour where its sorted curve turns upwards.

    That is the point farthest below the chord of the curve (Satopää et al. 2011), above 0.
    """
    distance, _ = NearestNeighbors(n_neighbors=nth).fit(rows).kneighbors()
    curve = np.sort(distance[:, -1])
    positive = curve[curve > 0]
    if not len(positive):
        return 1.0
    chord = np.linspace(curve[0], curve[-1], len(curve))
    return float(max(curve[int(np.argmax(chord - curve))], positive[0]))


def hdbscan(rows: Reals, ks: Sequence[int], seed: int, plan: Plan) -> Iterator[Fitted]:
    """HDBSCAN with clusters of at least a hundredth of the people.

    Notes
    -----
    Anybody else is what their nearest neighbour among the rows is, noise included.
    """
    least = max(5, ceil(LEAST_SHARE * len(rows)))
    parameters = {"min_cluster_size": least, "min_samples": min(least, 10)}
    made = HDBSCAN(**parameters, copy=True).fit(rows)
    own = made.labels_.astype(np.int32)

    def assign(others: Reals) -> Labels:
        which = NearestNeighbors(n_neighbors=1).fit(rows).kneighbors(others, return_distance=False)
        found: Labels = own[which[:, 0]]
        return found

    yield Fitted(parameters, assign, own=own)
