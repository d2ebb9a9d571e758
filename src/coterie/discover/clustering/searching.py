"""The search: every algorithm and k on one matrix, measured alike, and what chance would give."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coterie.discover.candidates import Candidate, Measure
from coterie.discover.clustering import mixtures
from coterie.discover.clustering.chance import chance
from coterie.discover.clustering.checkpoint import (
    Checkpoint,
    Memory,
    Progress,
    digest,
    silent,
)
from coterie.discover.clustering.criteria import criteria
from coterie.discover.clustering.families import Step, steps
from coterie.discover.clustering.fitting import Fitted, by_size
from coterie.discover.clustering.plan import Plan
from coterie.discover.clustering.silhouettes import silhouettes
from coterie.discover.clustering.stability import stability
from coterie.discover.clustering.valleys import depth
from coterie.discover.prepared import Reals
from coterie.errors import CoterieError

SEEN = 5_000
"""The most people among whom valleys are looked for."""
LEAST = 10
"""The least people that can be divided at all."""


def search(
    matrix: Reals,
    fitted_on: NDArray[np.bool_] | None = None,
    plan: Plan | None = None,
    *,
    seed: int = 0,
    progress: Progress = silent,
    checkpoint: Checkpoint | None = None,
) -> tuple[Candidate, ...]:
    """Every clustering of a plan, with the same measures of each.

    Parameters
    ----------
    matrix : (n, d) float64
        Finite; as `preparing.prepare` gives it.
    fitted_on : (n,) bool, optional
        Nothing is fitted on or measured by the others; they are assigned.
    plan : Plan, optional
    seed : int
        Equal matrices, plans and seeds give equal candidates.
    progress : callable
        Told the step's name, how many steps are done, and of how many.
    checkpoint : Checkpoint, optional
        Each finished clustering goes there. Ctrl-C leaves between or within steps, and the same
        call goes on after the last one that was kept.

    Returns
    -------
    tuple of Candidate
        In the plan's order. Beside the measures that `Candidate` names there are ``valley`` (how
        deep the valleys between clusters are, 0 to 1), ``fitted`` (people it was fitted on; the
        others were assigned) and, for comparison, ``silhouette_by_chance`` and
        ``valley_by_chance`` (what k-means finds in one heap) and ``silhouette_unrelated`` (what
        it finds where features have nothing to do with each other).

    Raises
    ------
    CoterieError
        Fewer than 10 people to fit on, no column, a number that is not finite.

    Examples
    --------
    >>> rows = np.repeat([[0.0, 0.0], [9.0, 9.0]], 50, axis=0) + np.tile([[0.0], [0.1]], (50, 1))
    >>> found = search(rows, plan=Plan(algorithms=("kmeans",), ks=(2,), bootstraps=2, references=2))
    >>> found[0].name, found[0].measures["stability"].value
    ('kmeans-2', 1.0)
    """
    fitted_on = np.ones(len(matrix), dtype=np.bool_) if fitted_on is None else fitted_on
    _check(matrix, fitted_on)
    work = _Work(matrix, fitted_on, plan or Plan(), seed, checkpoint or Memory())
    todo = steps(work.plan, int(fitted_on.sum()))
    total = len(todo) + 2
    found: list[Candidate] = []
    for done, step in enumerate(todo):
        progress(f"Clustering: {step.keys[0]}", done, total)
        found += work.candidates(step, done)
    progress("Comparing: silhouettes", len(todo), total)
    found = work.compared(found)
    progress("Comparing: what chance gives", len(todo) + 1, total)
    found = work.beside_chance(found)
    progress("Clustering: done", total, total)
    return tuple(found)


class _Work:
    """One search: its people, and what every step of it needs."""

    def __init__(
        self,
        matrix: Reals,
        fitted_on: NDArray[np.bool_],
        plan: Plan,
        seed: int,
        checkpoint: Checkpoint,
    ) -> None:
        self.matrix = np.ascontiguousarray(matrix, dtype=np.float64)
        self.fitted_on = fitted_on
        self.rows = self.matrix if fitted_on.all() else self.matrix[fitted_on]
        self.plan = plan
        self.seed = seed
        self.checkpoint = checkpoint
        self.key = digest(self.matrix, fitted_on, plan, seed)

    def rng(self, *place: int) -> np.random.Generator:
        """The random numbers of one place, whatever was done before it."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=place))

    def candidates(self, step: Step, place: int) -> list[Candidate]:
        """What a step finds; kept ones are not computed again."""
        keys = [f"{self.key}-{key}" for key in step.keys]
        kept = [each for each in map(self.checkpoint.load, keys) if each is not None]
        if len(kept) == len(keys):
            return kept
        made = self._made(step, place)
        for key, candidate in zip(keys, made, strict=True):
            self.checkpoint.save(key, candidate)
        return made

    def _made(self, step: Step, place: int) -> list[Candidate]:
        begun, rng = time.perf_counter(), self.rng(0, place)
        drawn = self._drawn(step, rng)
        fitted = step.fits(self.rows[drawn], int(rng.integers(2**31)), self.plan)
        found = [self._candidate(step, each, drawn) for each in fitted]
        again = stability(
            self.rows, [each.labels[self.fitted_on] for each in found], step, self.plan, rng
        )
        seconds = (time.perf_counter() - begun) / len(found)
        return [
            replace(each, measures=each.measures | measured, seconds=seconds)
            for each, measured in zip(found, again, strict=True)
        ]

    def _drawn(self, step: Step, rng: np.random.Generator) -> NDArray[np.int64] | slice:
        """The people that a step is fitted on: everybody, or as many as it can take."""
        most, n = step.most(self.plan), len(self.rows)
        return slice(None) if most is None or n <= most else np.sort(rng.choice(n, most, False))

    def _candidate(self, step: Step, fitted: Fitted, drawn: NDArray[np.int64] | slice) -> Candidate:
        labels = fitted.assign(self.matrix)
        if fitted.own is not None:
            labels[np.flatnonzero(self.fitted_on)[drawn]] = fitted.own
        labels, shape = by_size(labels, fitted.shape)
        theirs = labels[self.fitted_on]
        measures = criteria(self.rows, theirs)
        measures["fitted"] = Measure.exact(float(len(self.rows[drawn])))
        fall = depth(self.rows[self._seen()], theirs[self._seen()])
        if fall is not None:
            measures["valley"] = Measure.exact(fall)
        if step.algorithm.startswith("gmm") and fitted.shape is not None:
            covariance = step.algorithm.removeprefix("gmm-")
            measures |= mixtures.information(fitted.shape, covariance, self.rows)
        return Candidate(
            algorithm="minibatch" if "batch_size" in fitted.parameters else step.algorithm,
            k=int(labels.max(initial=-1)) + 1,
            parameters=fitted.parameters,
            labels=labels,
            shape=shape,
            measures=measures,
        )

    def _seen(self) -> NDArray[np.int64]:
        """The people among whom valleys are looked for; the same for all candidates."""
        return self.rng(1).permutation(len(self.rows))[:SEEN]

    def compared(self, found: Sequence[Candidate]) -> list[Candidate]:
        """The candidates with their silhouettes, all on the same people."""
        values = silhouettes(
            self.rows, [each.labels[self.fitted_on] for each in found],
            exact_people=self.plan.exact_people, sampled_people=self.plan.silhouette_people,
            rng=self.rng(2),
        )  # fmt: skip
        return [
            each if value is None else replace(each, measures=each.measures | {"silhouette": value})
            for each, value in zip(found, values, strict=True)
        ]

    def beside_chance(self, found: Sequence[Candidate]) -> list[Candidate]:
        """The candidates with what k-means finds in one heap for as many clusters."""
        ks = sorted({k for each in found if (k := self._like(each)) is not None})
        by_k = chance(self.rows, ks, self.plan, self.rng(3))
        return [
            each if (k := self._like(each)) is None
            else replace(each, measures=each.measures | by_k[k])
            for each in found
        ]  # fmt: skip

    def _like(self, candidate: Candidate) -> int | None:
        """The number of clusters that a candidate is compared with, at most the plan's."""
        most = max((*self.plan.ks, 2))
        return None if candidate.k < 2 else min(candidate.k, most)


def _check(matrix: Reals, fitted_on: NDArray[np.bool_]) -> None:
    if matrix.ndim != 2 or not matrix.shape[1] or fitted_on.shape != (len(matrix),):
        raise CoterieError(
            "clusters need a matrix of people by features", where="matrix",
            got=f"shapes {matrix.shape} and {fitted_on.shape}", expected="(n, d) and (n,)",
        )  # fmt: skip
    if fitted_on.sum() < LEAST:
        raise CoterieError(
            "there are too few people to look for clusters", where="people",
            got=str(int(fitted_on.sum())), expected=f"{LEAST} or more",
        )  # fmt: skip
    if not np.isfinite(matrix).all():
        raise CoterieError(
            "clusters need finite numbers", where="matrix", got="NaN or infinite values",
            hint="prepare the crowd first",
        )  # fmt: skip
