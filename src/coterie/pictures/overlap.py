"""Which segments share people, and how many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa

from coterie.pictures.crowd import Asked, At, Crowd, group_of, members
from coterie.pictures.saying import rows, table
from coterie.pictures.theme import Drawing, finished, layered

MOST = 16
"""The largest so many segments are drawn, where nobody says which."""


def data(cdp: Asked, names: Sequence[str] = (), *, at: At = None, purpose: str = "") -> pa.Table:
    """One row a pair of segments, each with itself as well.

    Parameters
    ----------
    names : sequence of str, optional
        Segments, or stages as in ``lifecycle.loyal``; by default the 16 largest segments.

    Returns
    -------
    pyarrow.Table
        ``a``, ``b``, ``both``, ``either`` and ``jaccard``: both of either, null where nobody is.
    """
    crowd = Crowd(cdp, at, purpose)
    wanted = {name: group_of(cdp, name) for name in names or cdp.questions.library.segments}
    people = crowd.now(list(dict.fromkeys(group for group, _ in wanted.values())))
    inside = {
        name: np.asarray(members(people, *group).to_numpy(), bool) for name, group in wanted.items()
    }
    shown = list(wanted) if names else _largest(inside)
    matrix = np.array([inside[name] for name in shown], np.int64)
    return _table(shown, matrix @ matrix.T, crowd.note(people.num_rows))


def _largest(inside: dict[str, Any]) -> list[str]:
    """The largest, in the order written; nobody's are left out."""
    sizes = {name: int(mine.sum()) for name, mine in inside.items() if mine.any()}
    kept = sorted(sizes, key=lambda name: -sizes[name])[:MOST]
    return [name for name in sizes if name in kept]


def _table(names: list[str], both: np.ndarray[Any, np.dtype[np.int64]], note: str) -> pa.Table:
    found = [
        (a, b, int(both[i, j]), int(both[i, i] + both[j, j] - both[i, j]))
        for i, a in enumerate(names)
        for j, b in enumerate(names)
    ]
    return table(
        {
            "a": (pa.string(), [a for a, _, _, _ in found]),
            "b": (pa.string(), [b for _, b, _, _ in found]),
            "both": (pa.int64(), [both for _, _, both, _ in found]),
            "either": (pa.int64(), [either for *_, either in found]),
            "jaccard": (
                pa.float64(), [both / either if either else None for _, _, both, either in found],
            ),
        },
        "Overlap of segments",
        f"how many are in both, shaded by their share of who is in either; {note}",
    )  # fmt: skip


def chart(data: pa.Table) -> Drawing:
    """A matrix, its lower half: the sizes on the diagonal, the people in both beneath."""
    names = data["a"].unique().to_pylist()
    shown = [
        row | {"label": f"{row['both']:,}" if row["both"] else ""}
        for row in rows(data)
        if names.index(row["b"]) <= names.index(row["a"])
    ]
    base = alt.Chart(alt.InlineData(shown)).encode(
        x=alt.X("b:N").sort(names).title(None).axis(labelAngle=-45),
        y=alt.Y("a:N").sort(names).title(None),
        tooltip=["a:N", "b:N", alt.Tooltip("both:Q", format=","),
                 alt.Tooltip("either:Q", format=","), alt.Tooltip("jaccard:Q", format=".1%")],
    )  # fmt: skip
    apart = base.transform_filter("datum.a != datum.b").mark_rect()
    cell = apart.encode(color=alt.Color("jaccard:Q").scale(domainMin=0).legend(None))
    count = base.mark_text(fontSize=10).encode(text="label:N")
    return finished(layered(cell, count), data, height=alt.Step(26), least=640)
