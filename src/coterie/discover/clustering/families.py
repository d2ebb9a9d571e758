"""The algorithms by name: how each is fitted, on how many people, and for which k at once."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped] # it has none

from coterie.discover.clustering import density, kmeans, mixtures, ward
from coterie.discover.clustering.fitting import Fitted
from coterie.discover.clustering.plan import BY_DENSITY, Algorithm, Plan
from coterie.discover.prepared import Reals

Fits = Callable[[Reals, Sequence[int], int, Plan], Iterator[Fitted]]

FITS: dict[Algorithm, Fits] = {
    "kmeans": kmeans.fits,
    "gmm-full": partial(mixtures.fits, covariance="full"),
    "gmm-tied": partial(mixtures.fits, covariance="tied"),
    "gmm-diag": partial(mixtures.fits, covariance="diag"),
    "ward": ward.fits,
    "dbscan": density.dbscan,
    "hdbscan": density.hdbscan,
}

FEW = 10_000
"""Up to so many rows one thread is faster than several that wait for each other."""


def quiet(n: int) -> AbstractContextManager[Any]:
    """One thread where the rows are few."""
    return _threads().limit(limits=1) if n <= FEW else nullcontext()


@cache
def _threads() -> Any:
    return ThreadpoolController()


@dataclass(frozen=True)
class Step:
    """What is fitted in one go: an algorithm, and the k that it answers together.

    Parameters
    ----------
    algorithm : str
    ks : tuple of int
        Empty where the algorithm finds the number itself.
    """

    algorithm: Algorithm
    ks: tuple[int, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of its candidates before anything is known of them."""
        return tuple(f"{self.algorithm}-{k}" for k in self.ks) or (self.algorithm,)

    def fits(self, rows: Reals, seed: int, plan: Plan) -> list[Fitted]:
        """What the algorithm finds in these rows, one for each of `keys`.

        People who are all alike give fewer clusters than were asked for, without a warning; the
        candidate counts what was found.
        """
        with quiet(len(rows)), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return list(FITS[self.algorithm](rows, self.ks, seed, plan))

    def most(self, plan: Plan) -> int | None:
        """The most people that it is fitted on; None for everybody."""
        if self.algorithm in BY_DENSITY:
            return plan.density_people
        return {"kmeans": None, "ward": plan.tree_people}.get(self.algorithm, plan.mixture_people)


def steps(plan: Plan, n: int) -> list[Step]:
    """The steps of a plan over n people: a tree is cut for all k, the others run for each."""
    ks = tuple(k for k in plan.ks if k < n)
    found = []
    for algorithm in plan.algorithms:
        if algorithm in BY_DENSITY:
            found.append(Step(algorithm, ()))
        elif algorithm == "ward":
            found += [Step(algorithm, ks)] if ks else []
        else:
            found += [Step(algorithm, (k,)) for k in ks]
    return found
