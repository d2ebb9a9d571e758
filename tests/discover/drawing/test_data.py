"""What a picture draws is what scikit-learn says of the same people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, silhouette_samples

from coterie.discover.candidates import Candidate, Measure, Recommendation
from coterie.discover.drawing import (
    agreement,
    criteria,
    deciding,
    dendrogram,
    groups,
    maps,
    profile,
    silhouettes,
    sizes,
    together,
)
from coterie.discover.drawing.together import Labels, Refit
from coterie.discover.prepared import Reals
from tests.discover.drawing.example import NAMES, Study, study


@pytest.fixture(scope="module")
def made() -> Study:
    return study()


@pytest.fixture
def chosen(made: Study) -> Candidate:
    assert made.chosen
    return made.chosen


@pytest.fixture
def noisy(made: Study) -> Candidate:
    return made.candidates[-1]


def of(table: pa.Table, **where: str) -> list[dict[str, object]]:
    """The rows that have these values."""
    for name, value in where.items():
        table = table.filter(pc.equal(table[name], value))
    return table.to_pylist()


def test_sizes_count_everybody_once(made: Study, chosen: Candidate, noisy: Candidate) -> None:
    """Clusters in their order, and who is in none at the end."""
    assert sizes.data(chosen, NAMES)["people"].to_pylist() == [120, 80, 40]
    found = sizes.data(noisy)
    assert sum(found["people"].to_pylist()) == len(made.crowd)
    assert found["cluster"].to_pylist()[-1] == groups.OUTSIDE
    assert found["people"].to_pylist()[-1] == (noisy.labels < 0).sum()


def test_map_is_the_plane_of_the_components(made: Study, chosen: Candidate) -> None:
    """Everybody, where scikit-learn's components put them, in another order."""
    found = maps.data(made.prepared, chosen, NAMES)
    plane = PCA(2).fit_transform(made.prepared.matrix)
    for axis, name in enumerate(("x", "y")):
        theirs, ours = np.sort(plane[:, axis]), np.sort(found[name].to_numpy())
        flipped = np.sort(-plane[:, axis])
        assert np.allclose(ours, theirs, atol=2e-3) or np.allclose(ours, flipped, atol=2e-3)
    assert maps.summary(found)["people"].to_pylist() == [120, 80, 40]


def test_map_does_not_keep_the_order_of_people(made: Study, chosen: Candidate) -> None:
    """Whose point is whose cannot be read from the place in the file."""
    rows = maps.data(made.prepared, chosen, NAMES)["cluster"].to_pylist()
    assert rows != [NAMES[label] for label in chosen.labels]


def test_map_by_neighbours_keeps_neighbours(made: Study, chosen: Candidate) -> None:
    """t-SNE puts people of one cluster together, and the same seed gives the same map."""
    found = maps.data(made.prepared, chosen, NAMES, way="tsne", seed=4)
    points = np.column_stack([found["x"].to_numpy(), found["y"].to_numpy()])
    names = np.array(found["cluster"].to_pylist())
    away = ((points[:, None] - points) ** 2).sum(-1)
    nearest = names[away.argsort(1)[:, 1]]
    assert (nearest == names).mean() > 0.95
    assert found.equals(maps.data(made.prepared, chosen, NAMES, way="tsne", seed=4))


def test_large_crowds_are_drawn_in_part(made: Study, chosen: Candidate) -> None:
    """No more points than asked for, and the line under the map says so."""
    found = maps.data(made.prepared, chosen, NAMES, most=50)
    assert found.num_rows == 50
    assert b"50 of 240 people" in found.schema.metadata[b"note"]


def test_few_people_and_one_coordinate_have_a_map(made: Study, chosen: Candidate) -> None:
    """One trait is a line; t-SNE of a handful is no map, and says why."""
    one = replace(made.prepared, matrix=np.ascontiguousarray(made.prepared.matrix[:, :1]))
    assert set(maps.data(one, chosen)["y"].to_pylist()) == {0.0}
    assert maps.data(one, chosen, way="tsne").num_rows == 240
    few = replace(one, matrix=one.matrix[:5], fitted_on=one.fitted_on[:5])
    assert maps.data(few, way="tsne").num_rows == 0


def test_silhouettes_are_scikit_learns(made: Study, chosen: Candidate) -> None:
    """Of everybody, where everybody is measured: the mean of each cluster."""
    found = silhouettes.data(made.prepared, chosen, NAMES)
    each = silhouette_samples(made.prepared.matrix, chosen.labels)
    for row in silhouettes.summary(found).to_pylist():
        inside = chosen.labels == NAMES.index(row["cluster"])
        assert row["mean"] == pytest.approx(each[inside].mean())
        assert row["people"] == inside.sum()
    assert float(found.schema.metadata[b"mean"]) == pytest.approx(each.mean())


def test_sampled_silhouettes_weigh_clusters_by_their_size(made: Study, chosen: Candidate) -> None:
    """Small clusters have more people drawn than their share, and count no more for it."""
    found = silhouettes.data(made.prepared, chosen, NAMES, most=100)
    mean = float(found.schema.metadata[b"mean"])
    exact = silhouette_samples(made.prepared.matrix, chosen.labels).mean()
    assert mean == pytest.approx(exact, abs=0.05)


def test_one_cluster_has_no_silhouette(made: Study, chosen: Candidate) -> None:
    """There is nothing to compare, and no error."""
    one = replace(chosen, k=1, labels=np.zeros_like(chosen.labels))
    assert silhouettes.data(made.prepared, one).num_rows == 0


def test_criterion_has_a_point_for_each_candidate(made: Study, chosen: Candidate) -> None:
    """With its interval; the chosen one is marked."""
    found = criteria.data(made.candidates, "silhouette", chosen)
    assert found.num_rows == len(made.candidates)
    marked = [row for row in found.to_pylist() if row["chosen"]]
    assert [(row["algorithm"], row["k"]) for row in marked] == [("k-means", 3)]
    assert marked[0]["low"] < marked[0]["value"] < marked[0]["high"]


def test_criterion_shows_what_one_heap_gives_by_chance(made: Study) -> None:
    """Where the search tried it, as a line of its own, a point for each k."""
    extra = {"silhouette_by_chance": Measure(0.2, 0.1, 0.3)}
    tried = [replace(one, measures=one.measures | extra) for one in made.candidates[:4]]
    found = of(criteria.data(tried), algorithm=criteria.CHANCE)
    assert [row["k"] for row in found] == [2, 3]


def test_many_clusters_by_density_do_not_squeeze_the_others(made: Study, noisy: Candidate) -> None:
    """They stay in the data; the picture leaves them out and says so."""
    many = [*made.candidates[:-1], replace(noisy, k=60)]
    found = criteria.data(many, "silhouette")
    assert 60 in found["k"].to_pylist()
    assert b"not drawn: DBSCAN, 60 clusters" in found.schema.metadata[b"note"]


def test_profile_is_the_difference_from_everybody(made: Study, chosen: Candidate) -> None:
    """In standard deviations of everybody; the median as it was found."""
    found = profile.data(made.crowd, made.prepared, chosen, NAMES)
    (row,) = of(found, feature="orders_30d", cluster="regulars")
    orders = made.crowd.frame["orders_30d"].to_numpy()
    inside = chosen.labels == 2
    assert row["difference"] == pytest.approx(
        (orders[inside].mean() - orders.mean()) / orders.std()
    )
    assert row["typical"] == f"{np.median(orders[inside]):g}"
    (gold,) = of(found, feature="tier", cluster="regulars")
    assert gold["typical"] == "gold"
    (gifts,) = of(found, feature="favourite is Gifts", cluster="gift buyers")
    assert gifts["typical"] == "100 %"
    (days,) = of(found, feature="last_order_at (days ago)", cluster="regulars")
    assert 0 <= float(str(days["typical"])) <= 30


def test_profile_tells_nothing_of_few_people(made: Study, chosen: Candidate) -> None:
    """A cluster of four is not described: its medians would be somebody's values."""
    labels = np.zeros_like(chosen.labels)
    labels[:4] = 1
    few = replace(chosen, k=2, labels=labels)
    found = profile.data(made.crowd, made.prepared, few)
    assert set(found["cluster"].to_pylist()) == {"cluster 0"}
    assert b"fewer than 5 people" in found.schema.metadata[b"note"]
    none = replace(chosen, k=60, labels=np.arange(240, dtype=np.int32) % 60)
    assert profile.data(made.crowd, made.prepared, none).num_rows == 0


def test_unknown_and_infinite_values_are_not_typical(made: Study, chosen: Candidate) -> None:
    """Who has no category counts in its share; infinite numbers and strange levels do not."""
    frame = made.crowd.frame.copy()
    gifts = np.flatnonzero(chosen.labels == 1)
    frame.loc[frame.index[gifts[:40]], "favourite"] = None
    frame.loc[frame.index[gifts], "orders_30d"] = np.inf
    frame.loc[frame.index[gifts[:2]], "tier"] = "platinum"
    found = profile.data(replace(made.crowd, frame=frame), made.prepared, chosen, NAMES)
    typical = {str(row["feature"]): row["typical"] for row in of(found, cluster="gift buyers")}
    assert typical["favourite is Gifts"] == "50 %"
    assert typical["orders_30d"] == "unknown"
    assert typical["tier"] == "silver"


def test_tree_has_everybody_at_its_root_and_at_its_feet(made: Study, chosen: Candidate) -> None:
    """The groups at the foot share out the people; the highest join has all of them."""
    found = dendrogram.data(made.prepared, chosen, NAMES).to_pylist()
    feet = [row["people"] for row in found if row["height2"] == 0]
    assert sum(feet) == 240
    assert len(feet) == dendrogram.LEAVES
    assert max(found, key=lambda row: float(row["height"]))["people"] == 240
    assert {row["cluster"] for row in found} <= {*NAMES, groups.MIXED}


def test_agreement_is_the_adjusted_rand_index(made: Study, chosen: Candidate) -> None:
    """Between each two; 1 with itself; the recommended one comes first."""
    found = agreement.data(made.candidates, made.recommendation)
    assert found["a"][0].as_py() == "k-means 3"
    other = made.candidates[0]
    (pair,) = of(found, a="k-means 3", b="k-means 2")
    assert pair["agreement"] == pytest.approx(adjusted_rand_score(chosen.labels, other.labels))


def test_best_have_one_of_each_algorithm(made: Study) -> None:
    """Though three of one algorithm score higher than another's best."""
    scores = (0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.6, 0.4, 0.0)
    best = agreement.best(made.candidates, Recommendation(0, (), scores), 3)
    assert {made.candidates[place].algorithm for place in best} == {"kmeans", "gmm-diag", "dbscan"}
    assert agreement.best(made.candidates, Recommendation(None, ()), 3) == [0, 1, 8]


def same(labels: Labels, matrix: Reals) -> Refit:
    """An algorithm that finds what was found."""
    known = {row.tobytes(): label for row, label in zip(matrix, labels, strict=True)}
    return lambda _people, _seed: (
        lambda asked: np.array([known[row.tobytes()] for row in asked], np.int32)
    )


def test_clusters_that_come_again_stand_on_the_diagonal(made: Study, chosen: Candidate) -> None:
    """1 with themselves, 0 with the others, where each resample finds the same."""
    matrix = made.prepared.matrix + np.arange(240)[:, None] * 1e-9
    found = together.data(matrix, chosen, same(chosen.labels, matrix), NAMES, times=2)
    assert found["together"].to_pylist() == [1, 0, 0, 0, 1, 0, 0, 0, 1]


@given(st.integers(2, 6), st.integers(1, 5), st.randoms(use_true_random=False))
def test_together_counts_pairs(k: int, parts: int, random: object) -> None:
    """The closed form is what counting every pair of people gives."""
    rng = np.random.default_rng(random.getrandbits(32))  # type: ignore[attr-defined]
    clusters = rng.integers(-1, k, 30).astype(np.int32)
    again = rng.integers(-1, parts, 30).astype(np.int32)
    chosen = Candidate("kmeans", k, {}, clusters, None)
    matrix = np.arange(30.0)[:, None]
    found = together.data(matrix, chosen, lambda *_: lambda rows: again[rows[:, 0].astype(int)],
                          times=1)  # fmt: skip
    for row in found.to_pylist():
        a, b = (int(row[side].removeprefix("cluster ")) for side in "ab")
        pairs = [
            again[i] == again[j] >= 0
            for i in np.flatnonzero(clusters == a)
            for j in np.flatnonzero(clusters == b)
            if i != j
        ]
        assert row["together"] == (pytest.approx(np.mean(pairs)) if pairs else None)


def test_algorithm_of_a_candidate_can_be_asked_again(made: Study, chosen: Candidate) -> None:
    """K-means of the same people is the same as scikit-learn's, up to names."""
    assign = together.again(chosen)(made.prepared.matrix, 0)
    theirs = KMeans(3, n_init=4, random_state=0).fit_predict(made.prepared.matrix)
    assert adjusted_rand_score(assign(made.prepared.matrix), theirs) > 0.99


def test_traits_that_decide_come_first(made: Study) -> None:
    """By how much they weigh in all clusters together."""
    found = deciding.data(made.explain(), NAMES)
    assert found["trait"].to_pylist() == ["spend"] * 3 + ["tier"] * 3
    assert b"97 % (95 to 98 %)" in found.schema.metadata[b"note"]


def test_sample_has_some_of_each_cluster() -> None:
    """Also of one that is a thousandth of everybody; nobody of noise."""
    labels = np.repeat([0, 1, -1], [60_000, 60, 500]).astype(np.int32)
    drawn = groups.some_of_each(labels, 1_000, 0)
    assert (labels[drawn] == 1).sum() == groups.LEAST
    assert (labels[drawn] == 0).sum() == pytest.approx(1_000, abs=5)
    assert not (labels[drawn] < 0).any()
