"""Whether the same clusters come back when the people change: by bootstrap, and by halves."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from coterie.discover.candidates import Measure
from coterie.discover.clustering.families import Step
from coterie.discover.clustering.fitting import Labels
from coterie.discover.clustering.plan import Plan
from coterie.discover.prepared import Reals

COMPARED = 3_000
"""The most people whose clusters are compared."""


def stability(
    rows: Reals, labels: Sequence[Labels], step: Step, plan: Plan, rng: np.random.Generator
) -> list[dict[str, Measure]]:
    """For each clustering of a step, how well it is found again.

    Parameters
    ----------
    rows : (n, d) float64
        The people that anything is fitted on.
    labels : sequence of (n,) int32
        Their clusters, one for each of the step's keys.
    step : Step
    plan : Plan
    rng : numpy.random.Generator

    Returns
    -------
    list of dict of str to Measure
        ``stability``: the mean adjusted Rand index between the clustering and those fitted on
        people drawn with replacement (Hennig 2007). ``folds``: that between clusterings of two
        halves, on the people of the second (Lange et al. 2004). 1 is the same clusters, 0 what
        chance gives; noise counts as a cluster. The interval is the mean's, by Student's t.
    """
    quick = msgspec.structs.replace(plan, n_init=min(plan.n_init, 2))
    again = [_bootstrapped(rows, labels, step, quick, rng) for _ in range(plan.bootstraps)]
    halves = [_halved(rows, step, quick, rng) for _ in range(plan.splits)]
    return [
        {"stability": interval([one[i] for one in again]),
         "folds": interval([one[i] for one in halves])}
        for i in range(len(labels))
    ]  # fmt: skip


def _bootstrapped(
    rows: Reals, labels: Sequence[Labels], step: Step, plan: Plan, rng: np.random.Generator
) -> list[float]:
    n = len(rows)
    drawn = rng.choice(n, min(n, plan.resampled_people))
    compared = rng.permutation(n)[:COMPARED]
    found = step.fits(rows[drawn], int(rng.integers(2**31)), plan)
    return [
        float(adjusted_rand_score(mine[compared], each.assign(rows[compared])))
        for mine, each in zip(labels, found, strict=True)
    ]


def _halved(rows: Reals, step: Step, plan: Plan, rng: np.random.Generator) -> list[float]:
    first, second = _halves(len(rows), plan.resampled_people, rng)
    one, other = (step.fits(rows[half], int(rng.integers(2**31)), plan) for half in (first, second))
    return [
        float(adjusted_rand_score(a.assign(rows[second]), b.assign(rows[second])))
        for a, b in zip(one, other, strict=True)
    ]


def _halves(
    n: int, most: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    order = rng.permutation(n)
    size = min(n // 2, most)
    return order[:size], order[size : 2 * size]


def interval(values: Sequence[float]) -> Measure:
    """The mean of some repetitions and its 95 % interval."""
    from scipy.stats import t

    mean, n = float(np.mean(values)), len(values)
    reach = float(t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
    return Measure(mean, max(-1.0, mean - reach), min(1.0, mean + reach))
