"""K-means: k-means++ starts and Lloyd's iterations, or small batches where people are many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans

from coterie.discover.candidates import Shape
from coterie.discover.clustering.fitting import Fitted, of_shape
from coterie.discover.clustering.plan import Plan
from coterie.discover.prepared import Reals

BATCH = 10_240


def fits(rows: Reals, ks: Sequence[int], seed: int, plan: Plan) -> Iterator[Fitted]:
    """K-means for each k: scikit-learn's, with the parameters that the result names."""
    for k in ks:
        parameters = {"n_clusters": k, "n_init": plan.n_init, "random_state": seed}
        if len(rows) > plan.many:
            parameters |= {"batch_size": BATCH}
            made = MiniBatchKMeans(**parameters).fit(rows)
        else:
            made = KMeans(**parameters).fit(rows)
        shape = Shape(np.ascontiguousarray(made.cluster_centers_, dtype=np.float64))
        yield of_shape(parameters, shape)
