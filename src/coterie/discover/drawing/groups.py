"""The clusters of a candidate as a picture has them: named, coloured, and some of their people."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

import altair as alt
import numpy as np
from numpy.typing import NDArray

from coterie.discover.candidates import NOISE, Candidate
from coterie.pictures.theme import CATEGORIES, GREY

OUTSIDE = "in no cluster"
"""What noise is called."""
MIXED = "several"
"""What a group is called whose people are in several clusters."""
LETTERS, LINE = 17, 13
"""Of a name over a column: the letters in a line, and the line's height."""
ACROSS = 7
"""Names that stand side by side."""
LEAST = 50
"""People of a cluster that a sample has, where the cluster has as many."""

Rows = NDArray[np.int64]


def names_of(candidate: Candidate, names: Sequence[str] = ()) -> tuple[str, ...]:
    """What its clusters are called, in their order; by default by their number.

    Examples
    --------
    >>> names_of(Candidate("kmeans", 2, {}, np.array([0, 1, 0], np.int32), None))
    ('cluster 0', 'cluster 1')
    """
    given = tuple(names)
    return given + tuple(f"cluster {number}" for number in range(len(given), candidate.k))


def all_names(candidate: Candidate, names: Sequence[str] = ()) -> tuple[str, ...]:
    """The same, and the name of noise at the end where there is some."""
    found = names_of(candidate, names)
    return (*found, OUTSIDE) if (candidate.labels == NOISE).any() else found


def name_each(candidate: Candidate, rows: Rows, names: Sequence[str] = ()) -> list[str]:
    """What the cluster of each of these rows is called."""
    found = (*names_of(candidate, names), OUTSIDE)  # noise is -1, so the last
    return [found[label] for label in candidate.labels[rows]]


def coloured(field: str, names: Sequence[str]) -> alt.Color:
    """A colour for each cluster, the same on every picture; noise is grey."""
    palette = [
        GREY if name in (OUTSIDE, MIXED) else CATEGORIES[number % len(CATEGORIES)]
        for number, name in enumerate(names)
    ]
    scale = alt.Scale(domain=list(names), range=palette)
    legend = alt.Legend(columns=2, symbolOpacity=1) if len(names) > 1 else None
    return alt.Color(f"{field}:N", scale=scale, legend=legend, title=None)


def wrapped(name: str) -> str:
    """A name in lines short enough to stand over a column.

    Examples
    --------
    >>> wrapped("Frequent buyers, big spenders").splitlines()
    ['Frequent buyers,', 'big spenders']
    """
    return "\n".join(wrap(name, LETTERS, break_on_hyphens=False))


def across(field: str, names: Sequence[str]) -> alt.X:
    """Clusters over the columns of a matrix; the field holds their names as `wrapped` gives them.

    They stand aslant where there is little room.
    """
    shown = [wrapped(name) for name in names]
    beneath = max((name.count("\n") for name in shown), default=0)
    axis = alt.Axis(
        orient="top", labelAngle=0 if len(names) <= ACROSS else -40, labelLimit=120,
        labelPadding=4 + LINE * beneath, labelExpr="split(datum.label, '\\n')",
        domain=False, ticks=False,
    )  # fmt: skip
    return alt.X(f"{field}:N", axis=axis, sort=shown, title=None)


def wide(names: Sequence[str]) -> int:
    """How narrow such a matrix can be read, in pixels."""
    return 220 + len(names) * (92 if len(names) <= ACROSS else 52)


def some(n: int, most: int, seed: int) -> Rows:
    """At most so many of `n` rows, each as likely as any other, in order."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def some_of_each(labels: NDArray[np.int32], most: int, seed: int) -> Rows:
    """About so many rows, of each cluster its share but at least 50; noise is left out.

    Means within clusters are those of everybody's, up to chance; means over all rows are not, and
    need the clusters' sizes as weights.
    """
    random, found = np.random.default_rng(seed), []
    inside = int((labels != NOISE).sum())
    for cluster in np.unique(labels[labels != NOISE]):
        rows = np.flatnonzero(labels == cluster)
        wanted = min(rows.size, max(LEAST, round(most * rows.size / inside)))
        found.append(random.choice(rows, wanted, replace=False))
    return np.sort(np.concatenate(found)) if found else np.empty(0, np.int64)
