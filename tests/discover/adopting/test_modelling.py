"""Parameters of a model say the same as the preparation and scikit-learn do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from coterie.discover.adopting import assign, fidelity, parameters
from coterie.discover.adopting.comparing import shift
from coterie.discover.candidates import NOISE, Candidate, Shape
from coterie.discover.clustering.mixtures import shape_of
from coterie.discover.crowd import Crowd
from coterie.discover.prepared import Prepared
from coterie.discover.preparing import Choice, Recipe, prepare
from coterie.discover.preparing.applying import applied
from coterie.engines.models import scoring
from coterie.engines.reference import models
from coterie.errors import CoterieError, WrongType
from tests.discover.preparing.crowds import mixed

RECIPES = st.builds(
    Recipe,
    curve=st.sampled_from(("none", "auto", "yeo-johnson", "log1p")),
    scaling=st.sampled_from(("z", "minmax", "robust")),
    components=st.sampled_from((None, 0.8, 0.999)),
    columns=st.sampled_from(({}, {"total": Choice(flag_unknown=True, weight=2.0)})),
)


def clustered(prepared: Prepared, algorithm: str, k: int) -> Candidate:
    """A clustering by scikit-learn itself, its clusters in its order."""
    rows = prepared.matrix
    if algorithm == "kmeans":
        made = KMeans(k, n_init=1, random_state=0).fit(rows)
        shape = Shape(made.cluster_centers_)
    else:
        kind = algorithm.removeprefix("gmm-")
        made = GaussianMixture(k, covariance_type=kind, random_state=0, reg_covar=1e-3).fit(rows)
        shape = shape_of(made)
    return Candidate(algorithm, k, {}, made.predict(rows).astype(np.int32), shape)


@settings(max_examples=12, deadline=None)
@given(RECIPES, st.sampled_from(("kmeans", "gmm-full", "gmm-tied", "gmm-diag")), st.integers(2, 5))
def test_parameters_give_what_scikit_learn_predicts(recipe: Recipe, algorithm: str, k: int) -> None:
    """From raw values to the cluster, by the reference engine and by the multiplied-out sums."""
    crowd = mixed(200)
    prepared = prepare(crowd, recipe)
    candidate = clustered(prepared, algorithm, k)
    found = parameters(prepared, candidate)
    raw = unprepared(prepared, crowd)
    told = [models.cluster(row, found) for row in raw[:60]]
    assert told == candidate.labels[:60].tolist()
    assert best(prepared, found).tolist() == candidate.labels.tolist()
    assert fidelity(prepared, candidate) == 1.0
    live = assign(prepared, candidate, prepared.raw, crowd.columns, crowd.at)
    assert live.tolist() == candidate.labels.tolist()


def unprepared(prepared: Prepared, crowd: Crowd) -> list[list[float | None]]:
    """The inputs of a model as an engine reads them: numbers before any step, unknown as None."""
    bare = [
        replace(f, fill=None, low=None, high=None, curve="", mean=0.0, scale=1.0)
        for f in prepared.features
    ]
    read = applied(bare, prepared.raw, crowd.columns, crowd.at)
    return [[None if np.isnan(x) else float(x) for x in row] for row in read]


def best(prepared: Prepared, found: dict[str, object]) -> np.ndarray:
    """The cluster of each standardised row by the sums that SQL and stream take."""
    rows, offsets, squared = scoring(found)
    ones = np.ones((len(prepared.standardised), 1))
    values = np.hstack([prepared.standardised, ones]) @ rows.T
    if squared:
        values = offsets - (values.reshape(len(ones), len(offsets), -1) ** 2).sum(axis=2) / 2
    return values.argmax(axis=1)


def test_unknown_without_a_fill_has_no_cluster() -> None:
    """Who is left out of the study is in no cluster live."""
    crowd = mixed(200)
    prepared = prepare(crowd, Recipe(missing="drop"))
    candidate = clustered(prepared, "kmeans", 3)
    live = assign(prepared, candidate, crowd.frame, crowd.columns, crowd.at)
    out = crowd.frame["spend"].isna().to_numpy()
    assert out.any()
    assert (live[out] == NOISE).all()
    assert (live[prepared.rows] != NOISE).all()


def test_what_cannot_live_says_so_and_what_to_do() -> None:
    """Values filled by neighbours, and algorithms that place nobody else."""
    prepared = prepare(mixed(200))
    candidate = clustered(prepared, "kmeans", 3)
    with pytest.raises(CoterieError, match="similar people"):
        parameters(replace(prepared, rowwise=False), candidate)
    with pytest.raises(CoterieError, match="adopt its rules"):
        parameters(prepared, replace(candidate, shape=None))
    huge = replace(candidate, shape=Shape(candidate.shape.centres * 1e200))
    with pytest.raises(WrongType, match="too large"):
        parameters(prepared, huge)


def test_fidelity_is_what_the_nearest_centre_keeps() -> None:
    """Noise does not count; whom the algorithm put elsewhere does."""
    prepared = prepare(mixed(200))
    candidate = clustered(prepared, "kmeans", 3)
    labels = candidate.labels.copy()
    labels[:10], labels[10:20] = NOISE, (labels[10:20] + 1) % 3
    assert fidelity(prepared, replace(candidate, labels=labels)) == pytest.approx(180 / 190)


def test_shift_of_nothing_is_nothing() -> None:
    """The index is 0 for equal shares, grows with their difference, and is finite for new ones."""
    even = np.array([0.5, 0.5, 0.0])
    assert shift(even, even) == 0.0
    assert 0 < shift(even, np.array([0.6, 0.4, 0.0])) < shift(even, np.array([0.8, 0.1, 0.1]))
