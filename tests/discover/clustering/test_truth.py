"""What is measured and found equals scikit-learn called directly on the same matrix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN, HDBSCAN, AgglomerativeClustering, KMeans, MiniBatchKMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import (
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_samples,
    silhouette_score,
)
from sklearn.mixture import GaussianMixture

from coterie.discover.candidates import Candidate
from coterie.discover.clustering import Plan, assign, search
from coterie.discover.clustering.silhouettes import individual, silhouettes

QUICK = Plan(ks=(2, 4, 5), n_init=2, bootstraps=2, splits=2, references=2)
ESTIMATORS = {
    "kmeans": KMeans,
    "gmm-full": GaussianMixture,
    "gmm-tied": GaussianMixture,
    "gmm-diag": GaussianMixture,
    "ward": AgglomerativeClustering,
    "dbscan": DBSCAN,
    "hdbscan": HDBSCAN,
}


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    return make_blobs(600, 3, centers=4, cluster_std=2.0, random_state=3)[0]


@pytest.fixture(scope="module")
def candidates(rows: np.ndarray) -> tuple[Candidate, ...]:
    return search(rows, plan=QUICK, seed=5)


def test_every_candidate_has_the_clusters_of_its_estimator(
    rows: np.ndarray, candidates: tuple[Candidate, ...]
) -> None:
    """The named parameters give scikit-learn's estimator, and it gives the same clusters."""
    assert {each.algorithm for each in candidates} == set(ESTIMATORS)
    for each in candidates:
        extra = {"copy": True} if each.algorithm == "hdbscan" else {}
        estimator = ESTIMATORS[each.algorithm](**each.parameters, **extra)
        assert adjusted_rand_score(estimator.fit_predict(rows), each.labels) == 1, each.name


def test_criteria_are_those_of_scikit_learn(
    rows: np.ndarray, candidates: tuple[Candidate, ...]
) -> None:
    """Silhouette, Davies-Bouldin and Calinski-Harabasz, on whoever is in a cluster."""
    for each in candidates:
        inside = each.labels >= 0
        if each.k < 2:
            assert "silhouette" not in each.measures
            continue
        expected = {
            "silhouette": silhouette_score(rows[inside], each.labels[inside]),
            "davies_bouldin": davies_bouldin_score(rows[inside], each.labels[inside]),
            "calinski_harabasz": calinski_harabasz_score(rows[inside], each.labels[inside]),
            "noise": 1 - inside.mean(),
            "smallest": np.bincount(each.labels[inside]).min(),
        }
        for name, value in expected.items():
            found = each.measures[name]
            assert found.low == found.value == found.high
            assert found.value == pytest.approx(value, rel=1e-9, abs=1e-12), (each.name, name)


def test_inertia_bic_and_aic_are_those_of_the_estimators(
    rows: np.ndarray, candidates: tuple[Candidate, ...]
) -> None:
    """K-means knows its inertia; mixtures know their information criteria."""
    for each in candidates:
        if each.algorithm == "kmeans":
            made = KMeans(**each.parameters).fit(rows)
            assert each.measures["inertia"].value == pytest.approx(made.inertia_, rel=1e-6)
        if each.algorithm.startswith("gmm"):
            mixture = GaussianMixture(**each.parameters).fit(rows)
            assert each.measures["bic"].value == pytest.approx(mixture.bic(rows), rel=1e-9)
            assert each.measures["aic"].value == pytest.approx(mixture.aic(rows), rel=1e-9)


def test_a_shape_assigns_everybody_as_its_estimator_does(
    rows: np.ndarray, candidates: tuple[Candidate, ...]
) -> None:
    """The rule for one more person gives the clusters of those it was fitted on."""
    for each in candidates:
        if each.algorithm.startswith(("kmeans", "gmm")):
            assert each.shape is not None
            assert (assign(each.shape, rows) == each.labels).all()
        assert (each.shape is None) == (each.algorithm in ("dbscan", "hdbscan"))


def test_many_people_are_learned_in_small_batches(rows: np.ndarray) -> None:
    """Above the plan's size the candidate is scikit-learn's mini-batch k-means, and says so."""
    plan = Plan(algorithms=("kmeans",), ks=(4,), many=500, bootstraps=2, splits=2, references=2)
    (found,) = search(rows, plan=plan)
    assert found.name == "minibatch-4"
    expected = MiniBatchKMeans(**found.parameters).fit(rows)
    assert adjusted_rand_score(expected.labels_, found.labels) > 0.99


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(12, 60), st.integers(1, 4), st.integers(2, 5))
def test_silhouettes_of_anything_are_scikit_learns(seed: int, n: int, d: int, k: int) -> None:
    """Whatever the clusters, with people who are all alike and clusters of one."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 4, (n, d)).astype(float)
    labels = np.concatenate([np.arange(k), rng.integers(0, k, n - k)]).astype(np.int32)
    (found,) = individual(rows, [labels], np.arange(n))
    assert found == pytest.approx(silhouette_samples(rows, labels), abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_exact_silhouette_lies_within_every_sampled_interval(seed: int) -> None:
    """For each of several clusterings of the same people, seed by seed."""
    rows = make_blobs(2_000, 4, centers=5, cluster_std=4.0, random_state=seed)[0]
    clusterings = [
        KMeans(k, n_init=1, random_state=seed).fit_predict(rows).astype(np.int32)
        for k in range(2, 7)
    ]
    found = silhouettes(
        rows, clusterings, exact_people=100, sampled_people=300, rng=np.random.default_rng(seed)
    )
    for labels, measure in zip(clusterings, found, strict=True):
        assert measure is not None
        assert measure.low <= silhouette_score(rows, labels) <= measure.high
        assert 0 < measure.high - measure.low < 0.2
