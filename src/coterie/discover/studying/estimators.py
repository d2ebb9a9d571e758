"""A candidate as the scikit-learn estimator that found it."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.cluster import DBSCAN, HDBSCAN, AgglomerativeClustering, KMeans, MiniBatchKMeans
from sklearn.mixture import GaussianMixture

from coterie.discover.candidates import Candidate, Shape

CLASSES: dict[str, type] = {
    "kmeans": KMeans,
    "minibatch": MiniBatchKMeans,
    "gmm-full": GaussianMixture,
    "gmm-tied": GaussianMixture,
    "gmm-diag": GaussianMixture,
    "ward": AgglomerativeClustering,
    "dbscan": DBSCAN,
    "hdbscan": HDBSCAN,
}


def estimator(candidate: Candidate) -> Any:
    """The estimator of a candidate, with the parameters that it was found with.

    Returns
    -------
    sklearn estimator
        K-means and mixtures as they were fitted: ``predict`` of the matrix gives the candidate's
        labels. The others say nothing of one more person: they are not fitted, and
        ``fit_predict`` of the matrix is what scikit-learn makes of it.
    """
    made = CLASSES[candidate.algorithm](**candidate.parameters)
    if candidate.algorithm in ("kmeans", "minibatch"):
        assert candidate.shape is not None
        return _centred(made, candidate.shape)
    if candidate.algorithm.startswith("gmm-"):
        assert candidate.shape is not None
        return _mixed(made, candidate.shape)
    return made


def _centred(made: Any, shape: Shape) -> Any:
    """K-means that has its centres: one step from them would find them."""
    centres = shape.centres
    made.set_params(n_clusters=len(centres))
    made.cluster_centers_ = centres
    made.n_features_in_ = centres.shape[1]
    made._n_threads = 1
    made.n_iter_ = 0
    return made


def _mixed(made: Any, shape: Shape) -> Any:
    """A mixture of the components whose shapes are known."""
    assert shape.shapes is not None
    assert shape.offsets is not None
    log_dets = np.log(np.diagonal(shape.shapes, axis1=1, axis2=2)).sum(axis=1)
    covariances = np.stack([np.linalg.inv(each @ each.T) for each in shape.shapes])
    made.set_params(n_components=len(shape.centres))
    made.means_ = shape.centres
    made.weights_ = np.exp(shape.offsets - log_dets)
    kind = made.covariance_type
    made.precisions_cholesky_ = _only(shape.shapes, kind)
    made.covariances_ = _only(covariances, kind)
    made.precisions_ = _only(np.stack([each @ each.T for each in shape.shapes]), kind)
    made.n_features_in_ = shape.centres.shape[1]
    made.converged_ = True
    return made


def _only(each: Any, kind: str) -> Any:
    """Matrices as scikit-learn keeps them: one where they are shared, diagonals alone."""
    if kind == "tied":
        return each[0]
    return np.diagonal(each, axis1=1, axis2=2) if kind == "diag" else each
