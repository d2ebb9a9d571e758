"""Gaussian mixtures: every component a full, a shared or a diagonal covariance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log, pi
from typing import Any

import numpy as np
from scipy.special import logsumexp
from sklearn.mixture import GaussianMixture

from coterie.discover.candidates import Measure, Shape
from coterie.discover.clustering.fitting import CHUNK, Fitted, of_shape, scores
from coterie.discover.clustering.plan import Plan
from coterie.discover.prepared import Reals

MOST_ITERATIONS = 200


def fits(
    rows: Reals, ks: Sequence[int], seed: int, plan: Plan, *, covariance: str
) -> Iterator[Fitted]:
    """A mixture for each k: scikit-learn's, with the parameters that the result names."""
    for k in ks:
        parameters = {
            "n_components": k, "covariance_type": covariance, "n_init": max(1, plan.n_init // 2),
            "reg_covar": plan.ridge, "max_iter": MOST_ITERATIONS, "random_state": seed,
        }  # fmt: skip
        yield of_shape(parameters, shape_of(GaussianMixture(**parameters).fit(rows)))


def shape_of(mixture: Any) -> Shape:
    """A fitted scikit-learn mixture as a shape, whatever its type of covariance."""
    means, factors = mixture.means_, mixture.precisions_cholesky_
    k, d = means.shape
    if mixture.covariance_type == "tied":
        shapes = np.broadcast_to(factors, (k, d, d)).copy()
    elif mixture.covariance_type == "diag":
        shapes = np.stack([np.diag(row) for row in factors])
    else:
        shapes = factors
    log_dets = np.log(np.diagonal(shapes, axis1=1, axis2=2)).sum(axis=1)
    return Shape(means, shapes, np.log(mixture.weights_) + log_dets)


def information(shape: Shape, covariance: str, rows: Reals) -> dict[str, Measure]:
    """BIC and AIC of a mixture over these rows; less is better.

    Parameters
    ----------
    shape : Shape
        Of `shape_of`.
    covariance : {"full", "tied", "diag"}
    rows : (n, d) float64
    """
    k, d = shape.centres.shape
    total = -0.5 * d * log(2 * pi) * len(rows)
    for start in range(0, len(rows), CHUNK):
        total += float(logsumexp(scores(shape, rows[start : start + CHUNK]), axis=1).sum())
    free = {"full": k * d * (d + 1) // 2, "tied": d * (d + 1) // 2, "diag": k * d}[covariance]
    n_parameters = free + k * d + k - 1
    return {
        "bic": Measure.exact(-2 * total + n_parameters * log(len(rows))),
        "aic": Measure.exact(-2 * total + 2 * n_parameters),
    }
