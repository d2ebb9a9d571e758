"""One clustering is recommended where there is one to find, and none where there is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from coterie.discover.candidates import Candidate, Measure, Shape
from coterie.discover.choosing import Use, recommend
from coterie.discover.clustering import Plan, search

QUICK = Plan(
    algorithms=("kmeans", "gmm-diag", "ward", "hdbscan"), ks=(2, 3, 4, 5, 6), n_init=2,
    bootstraps=3, splits=3, references=5,
)  # fmt: skip
SEEDS = range(20)


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((500, 3))


def blob(seed: int) -> np.ndarray:
    return make_blobs(500, 3, centers=1, random_state=seed)[0]


def ellipse(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((500, 3)) @ rng.standard_normal((3, 3))


def skewed(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).exponential(size=(500, 3))


def candidate(k: int = 2, **measures: float) -> Candidate:
    """One that qualifies, but for the measures given."""
    good = {
        "stability": 0.9, "folds": 0.9, "noise": 0.0, "smallest": 100.0, "valley": 0.8,
        "silhouette": 0.5, "silhouette_by_chance": 0.2, "valley_by_chance": 0.2,
    }  # fmt: skip
    return Candidate(
        algorithm="kmeans",
        k=k,
        parameters={},
        labels=np.repeat(np.arange(k, dtype=np.int32), 100),
        shape=Shape(np.zeros((k, 1))),
        measures={name: Measure.exact(value) for name, value in {**good, **measures}.items()},
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("heap", [noise, blob], ids=["noise", "one blob"])
def test_there_are_no_stable_clusters_in_noise_or_in_one_blob(heap, seed: int) -> None:
    """Twenty seeds each, and the first sentence says so."""
    plan = Plan(algorithms=("kmeans",), ks=(2, 3, 4, 5), n_init=1, bootstraps=3, splits=2,
                references=4)  # fmt: skip
    found = recommend(search(heap(seed), plan=plan, seed=seed), floor=20)
    assert found.chosen is None
    assert found.reasons[0] == "There are no stable clusters here."
    assert set(found.scores) == {0.0}


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("heap", [noise, blob, ellipse, skewed])
def test_nor_does_the_whole_default_study_find_any(heap, seed: int) -> None:
    """Every algorithm and k, in heaps of other forms as well."""
    assert recommend(search(heap(seed), seed=seed), floor=20).chosen is None


@pytest.mark.parametrize(("k", "d", "seed"), [(2, 2, 0), (3, 5, 1), (4, 3, 2), (6, 8, 3)])
def test_clusters_that_are_there_are_recommended(k: int, d: int, seed: int) -> None:
    """As many as there are, and with the same people."""
    rows, truth = make_blobs(150 * k, d, centers=k, random_state=seed, center_box=(-15, 15))
    candidates = search(rows, plan=QUICK)
    found = recommend(candidates)
    assert found.chosen is not None
    chosen = candidates[found.chosen]
    assert chosen.k == k
    assert adjusted_rand_score(truth, chosen.labels) > 0.95
    assert found.reasons[0].startswith(chosen.name)
    assert found.scores[found.chosen] == max(found.scores)


def test_clusters_of_unequal_size_are_found() -> None:
    """One of a tenth of the people beside one of the rest."""
    rows, truth = make_blobs([900, 100], centers=[[0, 0], [8, 0]], random_state=1)
    candidates = search(rows, plan=QUICK)
    found = recommend(candidates)
    assert found.chosen is not None
    assert adjusted_rand_score(truth, candidates[found.chosen].labels) > 0.95


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"smallest": 99.0}, "below the floor of 100 people"),
        ({"stability": 0.5}, "do not come back"),
        ({"folds": 0.5}, "do not come back"),
        ({"valley": 0.2}, "no clearer apart"),
        ({"silhouette": 0.19}, "no clearer apart"),
        ({"noise": 0.6}, "noise"),
        ({"k": 11}, "more clusters than can be treated"),
        ({"k": 1}, "fewer than two"),
    ],
)
def test_each_fault_rules_a_candidate_out_and_is_said(wrong: dict[str, float], said: str) -> None:
    """Size, stability, separation, noise and use, each by itself."""
    good, bad = candidate(), candidate(**wrong)  # type: ignore[arg-type]
    assert recommend([bad, good]).chosen == 1
    none = recommend([bad])
    assert none.chosen is None
    assert any(said in reason for reason in none.reasons)


def test_more_segments_count_only_as_long_as_they_are_as_stable_and_as_separate() -> None:
    """Of equals the finer one, of unequal ones the better."""
    assert recommend([candidate(2), candidate(5)]).chosen == 1
    assert recommend([candidate(2), candidate(5, stability=0.6, valley=0.3)]).chosen == 0


def test_a_rule_for_one_more_person_counts_where_segments_are_live() -> None:
    """Of equals the one that the stream can run; where that is not asked for, the first."""
    ruled, bare = candidate(), replace(candidate(), shape=None)
    assert recommend([bare, ruled]).chosen == 1
    assert recommend([bare, ruled], use=Use(live=False)).chosen == 0


def test_clusters_that_only_repeat_a_trait_are_said_to() -> None:
    """A truth among noise divides people, and the reasons warn that it is all there is."""
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.standard_normal((600, 3)), 3 * (rng.random(600) < 0.3)])
    alone = recommend(search(rows, plan=QUICK))
    assert alone.chosen is not None
    together = recommend(search(make_blobs(600, 4, centers=3, random_state=2)[0], plan=QUICK))
    warned = [any("repeat single traits" in said for said in one.reasons)
              for one in (alone, together)]  # fmt: skip
    assert warned == [True, False]


def test_the_floor_is_the_one_that_was_stated() -> None:
    """A small crowd can be divided where its owner says how small a segment may be."""
    small = candidate(smallest=40.0)
    assert recommend([small]).chosen is None
    assert recommend([small], floor=40).chosen == 0
