"""A model of the clusters that can be taken apart: which traits put people where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shap
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Ridge

from coterie.discover.candidates import Candidate, Measure
from coterie.discover.distilling.learning import share
from coterie.discover.prepared import Feature, Prepared, Reals

MOST = 20_000
"""People that the surrogate is fitted on, at most."""
HELD_OUT = 0.25
TREES, DEPTH = 50, 8
NEARBY = 1_000
"""Made-up people around one person for a local explanation."""


@dataclass(frozen=True)
class Weight:
    """What one trait does for belonging to a cluster.

    Parameters
    ----------
    column : str
    value : float
        In probability; above 0 it speaks for the cluster.
    """

    column: str
    value: float


@dataclass(frozen=True)
class Local:
    """Why one person is in a cluster, by a line through people like them.

    Parameters
    ----------
    cluster : int
    weights : tuple of Weight
        The change of the probability for one standard deviation more, the largest first.
    fit : float
        The part of the variance around the person that the line explains (weighted R²).
    """

    cluster: int
    weights: tuple[Weight, ...]
    fit: float


class Surrogate:
    """A random forest that was taught the clusters.

    Parameters
    ----------
    prepared, candidate
        Of one study. It learns from `prepared.standardised`, which is before components, so that
        each column is one feature. Noise is a class of its own.
    seed : int

    Attributes
    ----------
    agreement : Measure
        The part of people held out whom it puts where the clustering did, with Wilson's 95 %
        interval: what it says is worth no more than this.
    """

    def __init__(self, prepared: Prepared, candidate: Candidate, seed: int = 0) -> None:
        self._prepared = prepared
        self._seed = seed
        order = np.random.default_rng(seed).permutation(len(candidate.labels))[:MOST]
        cut = max(1, int(len(order) * HELD_OUT))
        learned, held_out = order[cut:], order[:cut]
        self.model = RandomForestClassifier(
            TREES, max_depth=DEPTH, min_samples_leaf=2, random_state=seed, n_jobs=1
        ).fit(prepared.standardised[learned], candidate.labels[learned])
        told = self.model.predict(prepared.standardised[held_out])
        self.agreement: Measure = share(told == candidate.labels[held_out])

    def values(self, rows: NDArray[np.int64], cluster: int) -> Reals:
        """Shapley values of each feature for belonging to a cluster.

        Parameters
        ----------
        rows : (m,) int64
            Of the prepared matrix.
        cluster : int

        Returns
        -------
        (m, p) float64
            With `base`, each row adds up to the forest's probability of the cluster.

        Notes
        -----
        Tree SHAP, path-dependent (Lundberg and others, "From local explanations to global
        understanding with explainable AI for trees", 2020).
        """
        found = shap.TreeExplainer(self.model).shap_values(
            self._prepared.standardised[rows], check_additivity=False
        )
        return np.asarray(found[:, :, self._class(cluster)])

    def base(self, cluster: int) -> float:
        """The probability of a cluster before anything is known of a person."""
        return float(shap.TreeExplainer(self.model).expected_value[self._class(cluster)])

    def weights(self, rows: NDArray[np.int64], cluster: int) -> tuple[Weight, ...]:
        """What each trait did, on average, for putting these people into a cluster."""
        return by_column(self._prepared.features, self.values(rows, cluster).mean(axis=0))

    def local(self, row: int, cluster: int) -> Local:
        """Why one person is in a cluster, or not.

        Notes
        -----
        Ridge regression of the forest's probability on made-up people around this one, the
        nearer ones weighing more (Ribeiro and others, "Why should I trust you?", 2016): normal
        deviates of the features' own scale, kernel width 0.75 times the root of their number.
        """
        here = self._prepared.standardised[row]
        rng = np.random.default_rng([self._seed, row])
        moved = rng.normal(size=(NEARBY, len(here)))
        moved[0] = 0.0
        wanted = self.model.predict_proba(here + moved)[:, self._class(cluster)]
        near = np.exp(-(moved**2).sum(axis=1) / (0.75**2 * len(here)))
        line = Ridge(alpha=1.0).fit(moved, wanted, sample_weight=near)
        weights = by_column(self._prepared.features, line.coef_)
        return Local(cluster, weights, float(line.score(moved, wanted, sample_weight=near)))

    def _class(self, cluster: int) -> int:
        return int(np.flatnonzero(self.model.classes_ == cluster)[0])


def by_column(features: Sequence[Feature], values: Reals) -> tuple[Weight, ...]:
    """The sum of the values of each trait's features, the largest first."""
    sums: dict[str, float] = {}
    for feature, value in zip(features, values.tolist(), strict=True):
        sums[feature.column] = sums.get(feature.column, 0.0) + value
    ranked = sorted(sums.items(), key=lambda item: -abs(item[1]))
    return tuple(Weight(column, value) for column, value in ranked)
