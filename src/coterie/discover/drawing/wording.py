"""What algorithms and criteria are called on a picture, and how a criterion is read."""

from __future__ import annotations

from typing import NamedTuple

from coterie.discover.candidates import Candidate, Measure

ALGORITHMS = {
    "kmeans": "k-means",
    "minibatch": "mini-batch k-means",
    "gmm-full": "Gaussian mixture (full)",
    "gmm-tied": "Gaussian mixture (tied)",
    "gmm-diag": "Gaussian mixture (diagonal)",
    "ward": "Ward",
    "dbscan": "DBSCAN",
    "hdbscan": "HDBSCAN",
    "split": "successive splits",
}
"""In the order in which pictures and tables have them."""


SHORT = {"minibatch": "mini-batch", "gmm-full": "mixture full", "gmm-tied": "mixture tied",
         "gmm-diag": "mixture diagonal"}  # fmt: skip
"""Where a label has little room."""


class Criterion(NamedTuple):
    """How one measure of a candidate is read.

    Parameters
    ----------
    title : str
    note : str
        What it is, and which end is good.
    short : str
        A column's heading.
    """

    title: str
    note: str
    short: str


CRITERIA = {
    "silhouette": Criterion(
        "Separation (silhouette)",
        "how much nearer people are to their own cluster than to the next one, from -1 to 1; more "
        "is better",
        "separation",
    ),
    "valley": Criterion(
        "Valleys between clusters",
        "how far the density of people falls between a cluster and its nearest, 0 (a cut through "
        "one heap) to 1 (nobody between); more is better",
        "valley",
    ),
    "stability": Criterion(
        "Stability over bootstraps",
        "how alike clusterings of resampled people are (adjusted Rand index, 1 is equal, 0 is "
        "chance); more is better",
        "stability",
    ),
    "folds": Criterion(
        "Stability over folds",
        "how alike clusterings of separate parts of the people are (adjusted Rand index); more is "
        "better",
        "folds",
    ),
    "inertia": Criterion(
        "Elbow (inertia)",
        "squared distance to the centres; it always falls, and an elbow is where it stops falling "
        "fast",
        "inertia",
    ),
    "davies_bouldin": Criterion(
        "Davies-Bouldin",
        "spread within clusters against distance between them; less is better",
        "Davies-Bouldin",
    ),
    "calinski_harabasz": Criterion(
        "Calinski-Harabasz",
        "variance between clusters against variance within; more is better",
        "Calinski-Harabasz",
    ),
    "bic": Criterion("BIC", "fit of a mixture less a price for parameters; less is better", "BIC"),
    "aic": Criterion("AIC", "as BIC, with a lower price; less is better", "AIC"),
    "noise": Criterion("Noise", "the share of people in no cluster", "noise"),
    "smallest": Criterion("Smallest cluster", "people in it", "smallest"),
}
"""Measures of :class:`~coterie.discover.candidates.Candidate`, the most telling first."""


def called(candidate: Candidate) -> str:
    """A candidate in words.

    Examples
    --------
    >>> import numpy as np
    >>> called(Candidate("kmeans", 4, {}, np.zeros(1, np.int32), None))
    'k-means, 4 clusters'
    """
    clusters = "cluster" if candidate.k == 1 else "clusters"
    return f"{algorithm(candidate)}, {candidate.k} {clusters}"


def short(candidate: Candidate) -> str:
    """A candidate in few letters.

    Examples
    --------
    >>> import numpy as np
    >>> short(Candidate("gmm-diag", 4, {}, np.zeros(1, np.int32), None))
    'mixture diagonal 4'
    """
    return f"{briefly(candidate)} {candidate.k}"


def briefly(candidate: Candidate) -> str:
    """What its algorithm is called in few letters."""
    return SHORT.get(candidate.algorithm, algorithm(candidate))


def algorithm(candidate: Candidate) -> str:
    """What its algorithm is called; its own name where it is not one of ours."""
    return ALGORITHMS.get(candidate.algorithm, candidate.algorithm)


def valued(name: str, measure: Measure | None) -> str:
    """A criterion's value as people read it, with its interval where it has one.

    Examples
    --------
    >>> valued("silhouette", Measure(0.412, 0.405, 0.419))
    '0.41 (0.41 to 0.42)'
    >>> valued("noise", Measure.exact(0.034)), valued("smallest", Measure.exact(1204.0))
    ('3.4 %', '1,204')
    """
    if measure is None:
        return ""
    value, low, high = (_number(name, one) for one in (measure.value, measure.low, measure.high))
    return value if measure.low == measure.high else f"{value} ({low} to {high})"


def percent(measure: Measure) -> str:
    """A share as people read it, with its interval where it has one.

    Examples
    --------
    >>> percent(Measure(0.961, 0.948, 0.972)), percent(Measure.exact(1.0))
    ('96.1 % (94.8 to 97.2 %)', '100 %')
    """
    value, low, high = (
        f"{100 * one:.1f}".removesuffix(".0") for one in (measure.value, measure.low, measure.high)
    )
    return f"{value} %" if low == high else f"{value} % ({low} to {high} %)"


def _number(name: str, value: float) -> str:
    match name:
        case "noise":
            return f"{100 * value:.1f} %"
        case "smallest":
            return f"{value:,.0f}"
    plain = f"{value:.2f}" if abs(value) < 10 else f"{value:,.0f}"
    return plain.replace("-", "\N{MINUS SIGN}")
