"""How people join into ever larger groups, as Ward's method has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pyarrow as pa
from scipy.cluster import hierarchy

from coterie.discover.candidates import Candidate
from coterie.discover.drawing.groups import MIXED, all_names, coloured, name_each, some
from coterie.discover.prepared import Prepared
from coterie.pictures.saying import about, rows, table
from coterie.pictures.theme import Drawing, finished, layered

MOST = 1_000
"""People whose joins are computed; of more some are drawn by chance."""
LEAVES = 24
"""Groups at the foot of the tree; how they came together is not drawn."""
MAINLY = 0.8
"""A branch has a cluster's colour from this share of its people on."""


class Branch(NamedTuple):
    """The people under one join, by name of their cluster."""

    people: int
    mainly: str


class Line(NamedTuple):
    """One straight line of the tree, from a join down or across, and who is beneath it."""

    x: float
    height: float
    x2: float
    height2: float
    under: Branch


def data(
    prepared: Prepared,
    candidate: Candidate,
    names: Sequence[str] = (),
    *,
    seed: int = 0,
    most: int = MOST,
    leaves: int = LEAVES,
) -> pa.Table:
    """One row a line of the tree; three lines make a join: a beam and two legs.

    Returns
    -------
    pyarrow.Table
        ``x``, ``height``, ``x2``, ``height2`` (heights are distances at which two sides join; a leg
        that ends at 0 stands for a group whose own joins are not drawn), and ``people`` drawn
        beneath with the ``cluster`` of most of them: "several" where none has 80 %. No row of
        fewer than two people.

    Notes
    -----
    Ward's joins (1963) of people drawn by chance; clusters are those of the candidate, whichever
    algorithm found them, so the picture says how far two ways of looking agree.
    """
    drawn = some(len(prepared.matrix), most, seed)
    whose = name_each(candidate, drawn, names)
    shown = [name for name in all_names(candidate, names) if name in whose]
    if len(drawn) < 2:
        return _table([], len(drawn), shown)
    links = hierarchy.linkage(prepared.matrix[drawn], "ward")
    tree = hierarchy.dendrogram(
        links, p=leaves, truncate_mode="lastp", no_plot=True, link_color_func=str
    )
    return _table(_lines(tree, links, _branches(links, whose)), len(drawn), [*shown, MIXED])


def _branches(links: np.ndarray, names: Sequence[str]) -> list[Branch]:
    """Of each person and each join, how many are beneath it and where most of them are."""
    kinds = {name: place for place, name in enumerate(dict.fromkeys(names))}
    counts = np.zeros((2 * len(names) - 1, len(kinds)), int)
    for person, name in enumerate(names):
        counts[person, kinds[name]] = 1
    for step, (a, b, *_) in enumerate(links):
        counts[len(names) + step] = counts[int(a)] + counts[int(b)]
    each = list(kinds)
    found = []
    for row in counts:
        most, people = int(row.argmax()), int(row.sum())
        found.append(Branch(people, each[most] if row[most] >= MAINLY * people else MIXED))
    return found


def _lines(tree: dict[str, Any], links: np.ndarray, branches: Sequence[Branch]) -> list[Line]:
    """Each join of the tree; scipy says which by the colour that it was asked for."""
    n, found = len(links) + 1, []
    for xs, heights, join in zip(tree["icoord"], tree["dcoord"], tree["color_list"], strict=True):
        left, right = (int(child) for child in links[int(join) - n][:2])
        top = heights[1]
        found += [
            Line(xs[0], top, xs[3], top, branches[int(join)]),
            Line(xs[0], top, xs[0], heights[0], branches[left]),
            Line(xs[3], top, xs[3], heights[3], branches[right]),
        ]
    return found


def _table(found: list[Line], drawn: int, names: Sequence[str]) -> pa.Table:
    return table(
        {
            "x": (pa.float64(), [line.x for line in found]),
            "height": (pa.float64(), [line.height for line in found]),
            "x2": (pa.float64(), [line.x2 for line in found]),
            "height2": (pa.float64(), [line.height2 for line in found]),
            "people": (pa.int64(), [line.under.people for line in found]),
            "cluster": (pa.string(), [line.under.mainly for line in found]),
        },
        "Dendrogram",
        f"{drawn:,} people joined by Ward's method, numbers at the foot; a branch has a cluster's "
        f"colour where {100 * MAINLY:.0f} % of its people are in it, and is grey elsewhere",
        names="\n".join(names),
    )


def chart(data: pa.Table) -> Drawing:
    """The tree, its root at the top, in the colours of the clusters."""
    shown, names = rows(data), about(data, "names").split("\n")
    base = alt.Chart(alt.InlineData(shown))
    across = alt.X("x:Q").axis(None).scale(nice=False, zero=False, padding=10)
    tree = base.mark_rule(strokeWidth=1.5).encode(
        x=across, x2="x2:Q", y=alt.Y("height:Q").title("distance at which two sides join"),
        y2="height2:Q", color=coloured("cluster", names),
        tooltip=["cluster:N", alt.Tooltip("people:Q", format=","),
                 alt.Tooltip("height:Q", format=",.3~g")],
    )  # fmt: skip
    feet = base.transform_filter("datum.height2 == 0").mark_text(dy=10, fontSize=9)
    numbers = feet.encode(
        x=alt.X("x:Q"), y=alt.Y("height2:Q"), text=alt.Text("people:Q", format=",")
    )
    return finished(layered(tree, numbers), data, height=260, least=520)
