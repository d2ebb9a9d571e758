"""Hierarchical clustering by Ward's criterion: one tree, cut at every k."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.cluster.hierarchy import fcluster, ward

from coterie.discover.candidates import Shape
from coterie.discover.clustering.fitting import Fitted, of_shape
from coterie.discover.clustering.plan import Plan
from coterie.discover.prepared import Reals


def fits(rows: Reals, ks: Sequence[int], seed: int, plan: Plan) -> Iterator[Fitted]:
    """The cut of one tree for each k, as scikit-learn's AgglomerativeClustering gives it.

    Notes
    -----
    The rows themselves keep the tree's clusters; anybody else is of the nearest centre. The tree
    is SciPy's, which scikit-learn calls as well; cutting it again for each k costs nothing.
    """
    tree = ward(rows)
    for k in ks:
        own = fcluster(tree, k, "maxclust").astype(np.int32) - 1
        sizes = np.bincount(own)
        sums = np.stack([np.bincount(own, column) for column in rows.T], axis=1)
        parameters = {"n_clusters": k, "linkage": "ward"}
        yield of_shape(parameters, Shape(sums / sizes[:, None]), own)
