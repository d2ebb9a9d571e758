"""The search: in the order of the plan, repeatable, resumable, and clear about what it refuses."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from sklearn.datasets import make_blobs

from coterie.discover.candidates import Candidate
from coterie.discover.clustering import Memory, Plan, search
from coterie.discover.clustering.fitting import by_size
from coterie.errors import CoterieError

QUICK = Plan(
    algorithms=("kmeans", "gmm-diag", "ward", "hdbscan"), ks=(2, 3), n_init=1,
    bootstraps=2, splits=2, references=2,
)  # fmt: skip
NAMES = ["kmeans-2", "kmeans-3", "gmm-diag-2", "gmm-diag-3", "ward-2", "ward-3", "hdbscan-3"]


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    return make_blobs([150, 100, 50], centers=[[0, 0], [9, 0], [0, 9]], random_state=4)[0]


class Stopping(Memory):
    """Ctrl-C as soon as so many candidates are kept."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def save(self, key: str, candidate: Candidate) -> None:
        super().save(key, candidate)
        if len(self.kept) == self.after:
            raise KeyboardInterrupt


def same(a: tuple[Candidate, ...], b: tuple[Candidate, ...]) -> bool:
    return all(
        x.name == y.name and (x.labels == y.labels).all() and x.measures == y.measures
        for x, y in zip(a, b, strict=True)
    )


def test_candidates_come_in_the_order_of_the_plan_with_the_largest_cluster_first(
    rows: np.ndarray,
) -> None:
    """Every algorithm and k, its clusters numbered by size."""
    found = search(rows, plan=QUICK)
    assert [each.name for each in found] == NAMES
    for each in found:
        sizes = np.bincount(each.labels[each.labels >= 0])
        assert (np.diff(sizes) <= 0).all()
        assert each.seconds > 0
        assert {"stability", "folds", "noise", "valley_by_chance"} <= set(each.measures)


def test_progress_is_told_step_by_step_to_the_end(rows: np.ndarray) -> None:
    """What is done never falls behind, and the last word is that all of it is."""
    told: list[tuple[str, int, int]] = []
    search(rows, plan=QUICK, progress=lambda *said: told.append(said))
    assert [done for _, done, _ in told] == list(range(len(told)))
    assert told[0][0] == "Clustering: kmeans-2"
    assert told[-1] == ("Clustering: done", len(told) - 1, len(told) - 1)


@pytest.mark.parametrize("after", [1, 4, 6])
def test_a_search_that_was_stopped_goes_on_to_the_same_candidates(
    rows: np.ndarray, after: int
) -> None:
    """Nothing that was kept is computed again, and the result is as if nothing had happened."""
    checkpoint = Stopping(after)
    with pytest.raises(KeyboardInterrupt):
        search(rows, plan=QUICK, seed=3, checkpoint=checkpoint)
    saved = len(checkpoint.kept)
    resumed = search(rows, plan=QUICK, seed=3, checkpoint=checkpoint)
    assert same(resumed, search(rows, plan=QUICK, seed=3))
    assert len(checkpoint.kept) == len(NAMES) >= saved


def test_nothing_is_taken_from_a_checkpoint_of_another_question(rows: np.ndarray) -> None:
    """Another matrix, plan or seed has keys of its own."""
    checkpoint = Memory()
    search(rows, plan=QUICK, checkpoint=checkpoint)
    keys = set(checkpoint.kept)
    others = (
        {"matrix": rows + 1, "plan": QUICK}, {"matrix": rows, "plan": QUICK, "seed": 1},
        {"matrix": rows, "plan": msgspec.structs.replace(QUICK, n_init=2)},
    )  # fmt: skip
    for other in others:
        fresh = Memory()
        search(**other, checkpoint=fresh)
        assert not keys & set(fresh.kept)


def test_people_set_aside_are_assigned_and_change_nothing(rows: np.ndarray) -> None:
    """The others get the same clusters and measures as without them."""
    far = np.vstack([rows, np.full((5, 2), 500.0)])
    fitted_on = np.arange(len(far)) < len(rows)
    with_them, without = search(far, fitted_on, QUICK), search(rows, plan=QUICK)
    for a, b in zip(with_them, without, strict=True):
        assert (a.labels[fitted_on] == b.labels).all()
        assert a.measures["stability"] == b.measures["stability"]


def test_a_sample_is_completed_by_assigning_everybody(rows: np.ndarray) -> None:
    """Trees, mixtures and densities fitted on some find the same clusters for all."""
    plan = msgspec.structs.replace(
        QUICK, ks=(3,), mixture_people=120, tree_people=120, density_people=120
    )
    sampled, whole = search(rows, plan=plan), search(rows, plan=plan, seed=1)
    for a, b in zip(sampled, whole, strict=True):
        assert len(a.labels) == len(rows)
        assert a.k == b.k == 3
        assert (a.labels == b.labels).mean() > 0.97


def test_people_who_are_all_alike_are_one_cluster() -> None:
    """Fewer clusters than were asked for are counted as what they are."""
    rows = np.repeat([[0.0, 0.0], [1.0, 1.0]], 40, axis=0)
    found = search(rows, plan=msgspec.structs.replace(QUICK, algorithms=("kmeans", "ward")))
    assert {each.k for each in found} == {2}


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (np.zeros((5, 2)), "too few people"),
        (np.full((50, 2), np.nan), "finite"),
        (np.full((50, 2), np.inf), "finite"),
        (np.zeros((50, 0)), "matrix of people by features"),
    ],
)
def test_what_cannot_be_divided_is_refused_in_words(matrix: np.ndarray, said: str) -> None:
    """Too few people, no features, numbers that are none."""
    with pytest.raises(CoterieError, match=said):
        search(matrix, plan=QUICK)


@pytest.mark.parametrize(
    "wrong", [{"algorithms": ("k-means",)}, {"ks": (1, 2)}, {"bootstraps": 1}, {"algorithms": ()}]
)
def test_a_plan_refuses_what_means_nothing(wrong: dict[str, object]) -> None:
    """Before anything runs, and naming the field."""
    with pytest.raises(CoterieError) as error:
        Plan(**wrong)  # type: ignore[arg-type]
    assert error.value.where


def test_clusters_of_equal_size_keep_their_order() -> None:
    """Numbers follow sizes; empty ones are dropped; noise stays."""
    labels, shape = by_size(np.array([2, 2, 0, 0, -1, 3, 3, 3], dtype=np.int32), None)
    assert labels.tolist() == [2, 2, 1, 1, -1, 0, 0, 0]
    assert shape is None
