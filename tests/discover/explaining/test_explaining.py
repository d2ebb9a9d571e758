"""What makes a cluster itself is measured, and agrees with those who measure it elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shap

from coterie.discover.candidates import NOISE
from coterie.discover.explaining import Surrogate, differences, explain
from coterie.discover.explaining.differences import standardised
from coterie.discover.explaining.surrogate import by_column
from coterie.pictures.comparison import Spread, difference
from tests.discover.planted import Study, study


@pytest.fixture(scope="module")
def planted() -> Study:
    return study(1_000, noise=0.1)


@pytest.fixture(scope="module")
def surrogate(planted: Study) -> Surrogate:
    return Surrogate(planted.prepared, planted.candidate, seed=1)


def test_differences_are_cohens(planted: Study) -> None:
    """Each is what the comparison of two segments says of the same numbers."""
    _, prepared, candidate = planted
    for cluster, found in enumerate(differences(prepared, candidate)):
        inside = candidate.labels == cluster
        for each in found:
            column = prepared.standardised[:, prepared.names.index(each.feature)]
            sides = [column[inside], column[~inside]]
            spreads = [Spread(len(s), float(s.mean()), float(s.var(ddof=1))) for s in sides]
            assert each.value == pytest.approx(difference(*spreads))


def test_the_planted_differences_come_first(planted: Study) -> None:
    """Bargain hunters differ by their coupons, gift buyers by what they buy."""
    found = differences(planted.prepared, planted.candidate)
    assert (found[1][0].column, found[3][0].feature) == ("coupons", "favourite is Gifts")
    for each in found:
        assert [abs(d.value) for d in each] == sorted((abs(d.value) for d in each), reverse=True)


@pytest.mark.parametrize("inside", [[True] * 4, [False] * 4])
def test_nobody_differs_from_nobody(inside: list[bool]) -> None:
    """One cluster of everybody, or an empty one, has no differences; nothing is divided by 0."""
    values = np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0], [4.0, 5.0]])
    assert (standardised(values, np.array(inside)) == 0).all()


def test_a_feature_that_only_one_cluster_has_differs() -> None:
    """Where neither side varies, everybody's deviation stands for it."""
    values = np.array([[1.0], [1.0], [0.0], [0.0]])
    assert standardised(values, np.array([True, True, False, False])) == pytest.approx(2.0)


def test_the_surrogate_says_how_far_to_trust_it(planted: Study, surrogate: Surrogate) -> None:
    """On planted kinds it agrees but for the noise; on shuffled ones it cannot."""
    assert 0.85 <= surrogate.agreement.value <= 0.97
    assert surrogate.agreement.low < surrogate.agreement.value < surrogate.agreement.high
    labels = np.random.default_rng(0).permutation(planted.candidate.labels)
    lost = Surrogate(planted.prepared, replace(planted.candidate, labels=labels))
    assert lost.agreement.value < 0.5


def test_shapley_values_are_those_of_shap_and_add_up(planted: Study, surrogate: Surrogate) -> None:
    """They equal SHAP called directly, and with the base they are the forest's probability."""
    rows = np.arange(40)
    matrix = planted.prepared.standardised[rows]
    direct = shap.TreeExplainer(surrogate.model)(matrix, check_additivity=False)
    classes = surrogate.model.classes_.tolist()
    assert NOISE in classes
    for cluster in range(4):
        found = surrogate.values(rows, cluster)
        at = classes.index(cluster)
        assert found == pytest.approx(direct.values[:, :, at])
        chance = surrogate.model.predict_proba(matrix)[:, at]
        assert surrogate.base(cluster) + found.sum(axis=1) == pytest.approx(chance)


def test_a_traits_weight_is_that_of_its_features(planted: Study, surrogate: Surrogate) -> None:
    """A text's categories are one trait; nothing is lost in the sum."""
    values = surrogate.values(np.arange(10), 3).mean(axis=0)
    weights = by_column(planted.prepared.features, values)
    assert sum(w.value for w in weights) == pytest.approx(values.sum())
    assert len(weights) == len({f.column for f in planted.prepared.features})


def test_one_person_is_explained_by_people_like_them(planted: Study, surrogate: Surrogate) -> None:
    """The line around a bargain hunter is that of their coupons, and says how well it fits."""
    crowd, _, candidate = planted
    row = int(np.flatnonzero(candidate.labels == 1)[0])
    local = surrogate.local(row, 1)
    assert {w.column for w in local.weights} == set(crowd.frame.columns)
    weights = {w.column: w.value for w in local.weights}
    assert weights["coupons"] > 0
    assert 0 < local.fit <= 1
    assert surrogate.local(row, 1) == local


def test_profiles_describe_every_cluster(planted: Study, surrogate: Surrogate) -> None:
    """Sizes add up to everybody but noise, and exemplars are people of the cluster."""
    crowd, prepared, candidate = planted
    profiles = explain(crowd, prepared, candidate, surrogate=surrogate)
    assert [p.cluster for p in profiles] == [0, 1, 2, 3]
    assert sum(p.people for p in profiles) == (candidate.labels != NOISE).sum()
    assert sum(p.share for p in profiles) == pytest.approx((candidate.labels != NOISE).mean())
    for profile in profiles:
        rows = prepared.raw.index.get_indexer(list(profile.exemplars))
        assert (candidate.labels[rows] == profile.cluster).all()
        inside = prepared.matrix[candidate.labels == profile.cluster]
        away = np.linalg.norm(inside - inside.mean(axis=0), axis=1)
        typical = np.linalg.norm(prepared.matrix[rows] - inside.mean(axis=0), axis=1)
        assert typical == pytest.approx(np.sort(away)[:3])
    assert profiles[1].weights[0].column == "coupons"
