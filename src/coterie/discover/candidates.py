"""One way to divide a crowd, with what was measured of it; and which of several is recommended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coterie.discover.prepared import Reals

NOISE = -1


@dataclass(frozen=True)
class Measure:
    """A criterion's value, with the interval it lies in where it was sampled or resampled.

    Parameters
    ----------
    value : float
    low, high : float
        The 95 % interval; equal to `value` where it is exact.
    """

    value: float
    low: float
    high: float

    @classmethod
    def exact(cls, value: float) -> Measure:
        """A value that was computed from everybody."""
        return cls(value, value, value)


@dataclass(frozen=True)
class Shape:
    """Clusters as a rule for one row: the component with the greatest score.

    The score of component j is ``offsets[j] - 0.5 * |(x - centres[j]) @ shapes[j]|**2``; ties go
    to the lowest j. K-means is the case of unit shapes and no offsets.

    Parameters
    ----------
    centres : (k, d) float64
    shapes : (k, d, d) float64 or None
        Cholesky factors of the precisions, as scikit-learn's ``precisions_cholesky_``; None: unit.
    offsets : (k,) float64 or None
        Log weight plus log determinant; None: 0.
    """

    centres: Reals
    shapes: NDArray[np.float64] | None = None
    offsets: Reals | None = None


@dataclass(frozen=True)
class Candidate:
    """One clustering.

    Parameters
    ----------
    algorithm : str
        ``kmeans``, ``minibatch``, ``gmm-full``, ``gmm-tied``, ``gmm-diag``, ``ward``, ``dbscan``,
        ``hdbscan``.
    k : int
        Clusters found, noise apart.
    parameters : dict
        What it was asked with; JSON.
    labels : (n,) int32
        A row of the prepared matrix each; -1 is noise. Cluster 0 is the largest, and so on.
    shape : Shape or None
        How one more person is assigned; None where the algorithm has no such rule.
    measures : dict of str to Measure
        ``inertia, silhouette, davies_bouldin, calinski_harabasz, bic, aic, stability`` (adjusted
        Rand index over bootstraps), ``folds`` (the same over folds), ``noise`` (share),
        ``smallest`` (people). Absent where it means nothing.
    seconds : float
        Of work.
    """

    algorithm: str
    k: int
    parameters: dict[str, Any]
    labels: NDArray[np.int32]
    shape: Shape | None
    measures: dict[str, Measure] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """Such as ``kmeans-4``."""
        return f"{self.algorithm}-{self.k}"


@dataclass(frozen=True)
class Recommendation:
    """What a comparison comes to.

    Parameters
    ----------
    chosen : int or None
        Which of the candidates; None where there are no stable clusters.
    reasons : tuple of str
        Sentences with their numbers, the most weighty first.
    scores : tuple of float
        What each candidate was weighed at, in order.
    """

    chosen: int | None
    reasons: tuple[str, ...]
    scores: tuple[float, ...] = ()
