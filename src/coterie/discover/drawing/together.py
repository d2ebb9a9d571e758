"""Whether the clusters come again when other people of the same kind are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import altair as alt
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from coterie.discover.candidates import Candidate
from coterie.discover.clustering.families import Step
from coterie.discover.clustering.plan import BY_DENSITY, Algorithm, Plan
from coterie.discover.drawing.groups import across, names_of, wide, wrapped
from coterie.discover.prepared import Reals
from coterie.pictures.saying import about, rows, table
from coterie.pictures.theme import Drawing, finished, layered

Labels = NDArray[np.int32]
Refit = Callable[[Reals, int], Callable[[Reals], Labels]]
"""Given people and a seed, the same algorithm once more: what it makes of anybody."""

TIMES = 10
"""Resamples."""
PEOPLE = 2_000
"""People in each of them, at most; and people whose places are compared."""


def again(candidate: Candidate, plan: Plan | None = None) -> Refit:
    """The candidate's algorithm, asked for as many clusters as it has, as thoroughly as planned."""
    kmeans = candidate.algorithm == "minibatch"
    algorithm = cast("Algorithm", "kmeans" if kmeans else candidate.algorithm)
    step = Step(algorithm, () if algorithm in BY_DENSITY else (candidate.k,))
    return lambda rows, seed: step.fits(rows, seed, plan or Plan())[0].assign


def data(
    matrix: Reals,
    candidate: Candidate,
    refit: Refit,
    names: Sequence[str] = (),
    *,
    seed: int = 0,
    times: int = TIMES,
    most: int = PEOPLE,
) -> pa.Table:
    """One row a pair of clusters, each with itself as well.

    Parameters
    ----------
    matrix : (n, d) float64
        Everybody, as in :class:`~coterie.discover.prepared.Prepared`.
    refit : callable
        Fits the candidate's algorithm on people drawn with replacement.

    Returns
    -------
    pyarrow.Table
        ``a``, ``b`` and ``together``: of two people, one of each cluster, the probability that a
        clustering of resampled people puts them together, as the mean over resamples. Perfectly
        stable clusters have 1 with themselves and 0 with the others. Null of a cluster with fewer
        than two people drawn.

    Notes
    -----
    The consensus matrix (Monti and others, 2003), summed up by cluster. Being noise together is not
    being together.
    """
    random = np.random.default_rng(seed)
    sums = np.zeros((candidate.k, candidate.k))
    for _ in range(times):
        drawn = random.choice(len(matrix), min(most, len(matrix)))
        asked = random.choice(len(matrix), min(most, len(matrix)), replace=False)
        assign = refit(matrix[drawn], int(random.integers(2**31)))
        sums += _together(candidate.labels[asked], assign(matrix[asked]), candidate.k)
    return _table(sums / times, names_of(candidate, names), times)


def _together(clusters: Labels, again: Labels, k: int) -> Reals:
    """Of pairs of different people, the share that is in one new cluster; NaN of no pair."""
    inside = clusters >= 0
    counts = np.zeros((k, max(int(again.max(initial=-1)) + 1, 1)))
    known = inside & (again >= 0)
    np.add.at(counts, (clusters[known], again[known]), 1)
    sizes = np.bincount(clusters[inside], minlength=k).astype(float)
    same = counts @ counts.T - np.diag(counts.sum(1))
    pairs = np.outer(sizes, sizes) - np.diag(sizes)
    found: Reals = np.divide(same, pairs, out=np.full((k, k), np.nan), where=pairs > 0)
    return found


def _table(together: Reals, names: Sequence[str], times: int) -> pa.Table:
    found = [
        (a, b, None if np.isnan(together[i, j]) else float(together[i, j]))
        for i, a in enumerate(names)
        for j, b in enumerate(names)
    ]
    return table(
        {
            "a": (pa.string(), [a for a, _, _ in found]),
            "b": (pa.string(), [b for _, b, _ in found]),
            "together": (pa.float64(), [together for *_, together in found]),
        },
        "Do the clusters come again?",
        f"how often two people, one of each cluster, are put together by {times} clusterings of "
        "resampled people; stable clusters have 100 % with themselves and 0 % with others",
        names="\n".join(names),
    )


def chart(data: pa.Table) -> Drawing:
    """A matrix, whole: a bright diagonal where clusters are stable."""
    names = about(data, "names").split("\n")
    base = alt.Chart(
        alt.InlineData([row | {"over": wrapped(row["b"])} for row in rows(data)])
    ).encode(
        x=across("over", names),
        y=alt.Y("a:N").sort(names).title(None).axis(domain=False, ticks=False),
        tooltip=["a:N", "b:N", alt.Tooltip("together:Q", format=".1%")],
    )
    cell = base.mark_rect(cornerRadius=2).encode(
        color=alt.Color("together:Q").scale(domain=[0, 1]).legend(None)
    )
    number = base.mark_text(fontSize=11).encode(text=alt.Text("together:Q", format=".0%"))
    return finished(layered(cell, number), data, height=alt.Step(28), least=wide(names))
