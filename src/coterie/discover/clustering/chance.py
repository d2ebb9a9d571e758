"""What the same search finds where there are no clusters: heaps of the same spread.

As in the gap statistic (Tibshirani, Walther & Hastie 2001) and SigClust (Liu et al. 2008): people
are drawn from one Gaussian with the covariance of the matrix, and evenly from the box around its
principal axes, and k-means divides them. What is not better than that is no finding. Shuffling the
features one by one shows what single features give, such as a truth that some people hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from coterie.discover.candidates import Measure
from coterie.discover.clustering import kmeans
from coterie.discover.clustering.families import quiet
from coterie.discover.clustering.plan import Plan
from coterie.discover.clustering.silhouettes import silhouettes
from coterie.discover.clustering.valleys import depth
from coterie.discover.prepared import Reals

MOST_PEOPLE = 1_500
Z = 1.96


def chance(
    rows: Reals, ks: Sequence[int], plan: Plan, rng: np.random.Generator
) -> dict[int, dict[str, Measure]]:
    """For each k the silhouette and the depth of valleys that k-means finds in one heap.

    Returns
    -------
    dict of int to dict of str to Measure
        ``silhouette_by_chance`` and ``valley_by_chance``: of the kind of heap that gives more,
        the mean, and the range in which 95 % of heaps lie. ``silhouette_unrelated``: the same
        where each feature keeps its values and loses what they have to do with the others'.
    """
    plan = msgspec.structs.replace(plan, n_init=min(plan.n_init, 2))
    gaussian, box, unrelated = (
        [_found(heap, ks, plan, rng) for heap in heaps]
        for heaps in (
            _gaussians(rows, plan, rng),
            _boxes(rows, plan, rng),
            _shuffled(rows, plan, rng),
        )
    )

    def most(i: int, n: int) -> Measure:
        kinds = (_range([one[i][n] for one in kind]) for kind in (gaussian, box))
        return max(kinds, key=lambda measure: measure.high)

    return {
        k: {
            "silhouette_by_chance": most(i, 0),
            "valley_by_chance": most(i, 1),
            "silhouette_unrelated": _range([one[i][0] for one in unrelated]),
        }
        for i, k in enumerate(ks)
    }


def _found(
    heap: Reals, ks: Sequence[int], plan: Plan, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """The silhouette and the depth of valleys for each k."""
    seed = int(rng.integers(2**31))
    n = len(heap)
    with quiet(n):
        clusterings = [fitted.assign(heap) for fitted in kmeans.fits(heap, ks, seed, plan)]
        compact = silhouettes(heap, clusterings, exact_people=n, sampled_people=n, rng=rng)
    return [
        (measure.value if measure else 0.0, depth(heap, labels) or 0.0)
        for measure, labels in zip(compact, clusterings, strict=True)
    ]


def _range(values: Sequence[float]) -> Measure:
    """The mean and the range that a further value would lie in, 95 of 100 times."""
    mean = float(np.mean(values))
    reach = Z * float(np.std(values, ddof=1)) * float(np.sqrt(1 + 1 / len(values)))
    return Measure(mean, mean - reach, mean + reach)


def _gaussians(rows: Reals, plan: Plan, rng: np.random.Generator) -> Iterator[Reals]:
    centred, axes, spread = _axes(rows)
    for _ in range(plan.references):
        yield (rng.standard_normal((_size(centred), len(spread))) * spread) @ axes


def _boxes(rows: Reals, plan: Plan, rng: np.random.Generator) -> Iterator[Reals]:
    centred, axes, _ = _axes(rows)
    along = centred @ axes.T
    low, high = np.quantile(along, 0.005, axis=0), np.quantile(along, 0.995, axis=0)
    for _ in range(plan.references):
        yield rng.uniform(low, high, (_size(centred), len(low))) @ axes


def _shuffled(rows: Reals, plan: Plan, rng: np.random.Generator) -> Iterator[Reals]:
    for _ in range(plan.references):
        yield rng.permuted(rows[rng.permutation(len(rows))[: _size(rows)]], axis=0)


def _axes(rows: Reals) -> tuple[Reals, Reals, Reals]:
    """The rows around their mean, their principal axes (a row each), and the spread along them."""
    centred = rows - rows.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(centred, rowvar=False).reshape(2 * [rows.shape[1]]))
    return centred, vectors.T, np.sqrt(np.maximum(values, 0))


def _size(rows: Reals) -> int:
    return min(len(rows), MOST_PEOPLE)
