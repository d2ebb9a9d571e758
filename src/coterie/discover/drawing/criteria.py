"""One criterion of all candidates against the number of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt
import pyarrow as pa

from coterie.discover.candidates import Candidate, Measure
from coterie.discover.drawing.wording import ALGORITHMS, CRITERIA, SHORT, Criterion, briefly, called
from coterie.pictures.saying import about, rows, table
from coterie.pictures.theme import CATEGORIES, GREY, Drawing, finished, layered

AGAINST_K = (
    "silhouette", "valley", "stability", "folds", "inertia", "davies_bouldin", "calinski_harabasz",
    "bic", "aic",
)  # fmt: skip
"""Those that are drawn, the most telling first."""


BY_DENSITY = ("dbscan", "hdbscan")
"""These find the number of clusters themselves, and it can be large."""


LARGE = 1_000
CHANCE = "one heap, by chance"


class Point(NamedTuple):
    """What one algorithm has at one k."""

    algorithm: str
    k: int
    measure: Measure
    chosen: bool = False


def measured(candidates: Sequence[Candidate]) -> list[str]:
    """The criteria that two candidates or more have a value of."""
    return [name for name in AGAINST_K if sum(name in one.measures for one in candidates) > 1]


def data(
    candidates: Sequence[Candidate], criterion: str = "silhouette", chosen: Candidate | None = None
) -> pa.Table:
    """One row a candidate that has the criterion.

    Parameters
    ----------
    criterion : str
        A name of :attr:`Candidate.measures`.
    chosen : Candidate, optional
        The one to be marked.

    Returns
    -------
    pyarrow.Table
        ``algorithm``, ``k``, ``value``, ``low`` and ``high`` (the 95 % interval, equal to the value
        where it is exact), and ``chosen``. Where the search tried one heap without clusters, what
        that gives by chance comes last.
    """
    read = CRITERIA.get(criterion, Criterion(criterion, "", criterion))
    order = {name: place for place, name in enumerate(ALGORITHMS)}
    found = sorted(
        (one for one in candidates if criterion in one.measures),
        key=lambda one: (order.get(one.algorithm, len(order)), one.algorithm, one.k),
    )
    most = _most(found)
    points = [
        Point(briefly(one), one.k, one.measures[criterion], one is chosen) for one in found
    ] + _by_chance(found, f"{criterion}_by_chance")
    return table(
        {
            "algorithm": (pa.string(), [one.algorithm for one in points]),
            "k": (pa.int64(), [one.k for one in points]),
            "value": (pa.float64(), [one.measure.value for one in points]),
            "low": (pa.float64(), [one.measure.low for one in points]),
            "high": (pa.float64(), [one.measure.high for one in points]),
            "chosen": (pa.bool_(), [one.chosen for one in points]),
        },
        read.title,
        read.note + _beyond(found, most),
        most=str(most),
    )


def _by_chance(candidates: Sequence[Candidate], name: str) -> list[Point]:
    """What one heap without clusters gives for each k, where it was tried."""
    found = {one.k: one.measures[name] for one in candidates if name in one.measures}
    return [Point(CHANCE, k, found[k]) for k in sorted(found)]


def _most(candidates: Sequence[Candidate]) -> int:
    """The most clusters that are drawn: few more than anybody asked for."""
    asked = [one.k for one in candidates if one.algorithm not in BY_DENSITY]
    return max(asked) + 3 if asked else max((one.k for one in candidates), default=0)


def _beyond(candidates: Sequence[Candidate], most: int) -> str:
    """Whom the picture leaves out."""
    left = [called(one) for one in candidates if one.k > most]
    return f"; not drawn: {', '.join(left)}" if left else ""


def chart(data: pa.Table) -> Drawing:
    """A line for each algorithm, upright lines for intervals, and a ring around the chosen one."""
    shown = [row for row in rows(data) if row["k"] <= int(about(data, "most"))]
    names = list(dict.fromkeys(row["algorithm"] for row in shown))
    ks = sorted({row["k"] for row in shown})
    ends = [ks[0], ks[-1]] if ks else [0, 1]
    across = alt.Scale(domain=ends, nice=False, padding=12)
    base = alt.Chart(alt.InlineData(shown)).encode(
        x=alt.X("k:Q", scale=across, title="clusters")
        .axis(values=ks, format="d", grid=False, labelOverlap=True),
        color=_colour(names),
        tooltip=["algorithm:N", "k:O", *(
            alt.Tooltip(f"{one}:Q", format=",.4~g") for one in ("value", "low", "high")
        )],
    )  # fmt: skip
    up = alt.Y("value:Q").title(None).scale(zero=False).axis(format=_format(shown), tickCount=5)
    line = base.mark_line(strokeWidth=1.5).encode(y=up)
    points = base.mark_point(size=22, opacity=1).encode(y=up)
    spread = base.mark_rule(opacity=0.6).encode(y=alt.Y("low:Q"), y2="high:Q")
    ring = base.transform_filter("datum.chosen").mark_point(
        size=170, filled=False, strokeWidth=2, opacity=1
    )
    return finished(layered(spread, line, points, ring.encode(y=up)), data, height=190, least=280)


def _format(shown: Sequence[dict[str, Any]]) -> str:
    """Numbers of an axis: large ones by their thousands."""
    return "~s" if max((abs(row["value"]) for row in shown), default=0) >= LARGE else ",.3~g"


def _colour(names: Sequence[str]) -> alt.Color:
    """A colour for each algorithm, the same whichever others are drawn; chance is grey."""
    known = [SHORT.get(name, said) for name, said in ALGORITHMS.items()]
    palette = [CATEGORIES[known.index(name)] if name in known else GREY for name in names]
    scale = alt.Scale(domain=list(names), range=palette)
    legend = alt.Legend(columns=2, symbolOpacity=1) if names else None
    return alt.Color("algorithm:N", scale=scale, legend=legend, title=None)
