"""Groups are divided where there are more than one, as volume allows, and one heap is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from coterie.discover.candidates import NOISE
from coterie.discover.distilling import distill
from coterie.discover.prepared import Prepared
from coterie.discover.splitting import clustering, split
from coterie.discover.splitting.dividing import divided, measured
from tests.discover.planted import Study, study


def of(matrix: np.ndarray) -> Study:
    """A study of which only the matrix matters."""
    crowd, _, candidate = study(100)
    n = len(matrix)
    bare = Prepared(
        matrix, matrix, (), None, None, np.arange(n), np.ones(n, bool), np.zeros((n, 1), bool), None
    )
    return Study(crowd, bare, candidate)


HEAPS = {
    "gaussian": lambda rng: rng.normal(size=(600, 4)) * [3, 1, 1, 0.5],
    "even": lambda rng: rng.uniform(-1, 1, (600, 3)),
    "counted": lambda rng: np.log1p(rng.poisson([1.0, 2.0, 4.0], (600, 3))),
    "skewed": lambda rng: rng.lognormal(0, 0.6, (600, 3)),
}


@pytest.mark.parametrize("kind", HEAPS)
def test_one_heap_is_rarely_divided(kind: str) -> None:
    """Round, even, in steps or skewed: at a level of 5 of 100, at most 1 of 20 heaps is divided."""
    heaps = [HEAPS[kind](np.random.default_rng(seed)) for seed in range(20)]
    divisions = [split(*of(heap)[:2], floor=50, seed=i).parts for i, heap in enumerate(heaps)]
    assert sum(bool(parts) for parts in divisions) <= 1


@pytest.mark.parametrize("seed", range(3))
def test_planted_groups_are_found(seed: int) -> None:
    """Groups within groups come apart, level by level, and nobody is lost."""
    centres = [[0, 0, 0], [0, 8, 0], [20, 0, 0], [20, 8, 0], [20, 8, 9]]
    matrix, truth = make_blobs(2_000, centers=centres, random_state=seed)
    top = split(*of(matrix)[:2], floor=100, seed=seed)
    found = clustering(top, of(matrix).prepared)
    assert adjusted_rand_score(truth, found.labels) >= 0.99
    assert sorted(np.concatenate([leaf.rows for leaf in top.leaves()])) == list(range(2_000))
    assert (np.diff(np.bincount(found.labels)) <= 0).all()
    assert len(list(top.lines())) == 2 * found.k - 1


def test_a_floor_is_kept() -> None:
    """No group is smaller than the floor, and a group that could only be is left whole."""
    matrix, _ = make_blobs([500, 80], centers=[[0, 0], [9, 9]], random_state=0)
    study_ = of(matrix)
    assert not split(study_.crowd, study_.prepared, floor=100).parts
    parts = split(study_.crowd, study_.prepared, floor=50).parts
    assert [len(part.rows) for part in parts] == [500, 80]
    assert "fewer than 50" in parts[1].why


def test_broad_segments_are_where_it_begins() -> None:
    """Those of a clustering are divided each by itself; its noise is in none."""
    crowd, prepared, candidate = study(2_000)
    broad = np.where(candidate.labels == 2, NOISE, np.minimum(candidate.labels, 1))
    start = replace(candidate, k=2, labels=broad.astype(np.int32))
    top = split(crowd, prepared, start, floor=100)
    assert [part.path for part in top.parts] == [(0,), (1,)]
    assert len(top.rows) == (broad != NOISE).sum()
    found = clustering(top, prepared)
    assert (found.labels[broad == NOISE] == NOISE).all()


def test_leaves_become_rules() -> None:
    """What was split can be distilled as any clustering can."""
    crowd, prepared, _ = study(3_000)
    found = clustering(split(crowd, prepared, floor=100, levels=2), prepared)
    assert found.k >= 2
    assert distill(crowd, prepared, found).fidelity.value >= 0.9


def test_levels_end_it() -> None:
    """No group is divided more often than it may be."""
    matrix, _ = make_blobs(1_000, centers=8, n_features=3, random_state=0, center_box=(-40, 40))
    top = split(*of(matrix)[:2], floor=20, levels=1)
    assert {len(leaf.path) for leaf in top.leaves()} == {1}


def test_steps_of_a_count_are_no_gaps_and_gaps_are_no_steps() -> None:
    """Between 2 orders and 3 there is nothing; between 0 and 7 there is a valley."""
    rng = np.random.default_rng(0)
    some = rng.integers(7, 13, 600) * (rng.random(600) < 0.5)
    values = measured(of(np.column_stack([some, rng.integers(0, 4, 600)]).astype(float)).prepared)
    assert (np.round(values[some > 0, 0]) == some[some > 0]).mean() > 0.9
    assert values[some == 0, 0].max() < 2 < 5 < values[some > 0, 0].min()
    assert np.diff(np.sort(values[:, 1])).max() < 0.1


def test_people_who_are_all_equal_are_one_group() -> None:
    """Nothing is divided by nothing."""
    assert divided(np.ones((500, 3)), 50, 0) is None
