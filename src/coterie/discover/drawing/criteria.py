"""One criterion of all candidates against the number of clusters."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pyarrow as pa

from coterie.discover.candidates import Candidate
from coterie.discover.drawing.wording import ALGORITHMS, CRITERIA, Criterion, algorithm, called
from coterie.pictures.saying import about, rows, table
from coterie.pictures.theme import CATEGORIES, Drawing, finished, layered

AGAINST_K = (
    "silhouette", "stability", "folds", "inertia", "davies_bouldin", "calinski_harabasz", "bic",
    "aic",
)  # fmt: skip
"""Those that are drawn, the most telling first."""


BY_DENSITY = ("dbscan", "hdbscan")
"""These find the number of clusters themselves, and it can be large."""


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
        where it is exact), and ``chosen``.
    """
    read = CRITERIA.get(criterion, Criterion(criterion, "", criterion))
    order = {name: place for place, name in enumerate(ALGORITHMS)}
    found = sorted(
        (one for one in candidates if criterion in one.measures),
        key=lambda one: (order.get(one.algorithm, len(order)), one.algorithm, one.k),
    )
    most = _most(found)
    measures = [one.measures[criterion] for one in found]
    return table(
        {
            "algorithm": (pa.string(), [algorithm(one) for one in found]),
            "k": (pa.int64(), [one.k for one in found]),
            "value": (pa.float64(), [one.value for one in measures]),
            "low": (pa.float64(), [one.low for one in measures]),
            "high": (pa.float64(), [one.high for one in measures]),
            "chosen": (pa.bool_(), [one is chosen for one in found]),
        },
        read.title,
        read.note + _beyond(found, most),
        most=str(most),
    )


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
    base = alt.Chart(alt.InlineData(shown)).encode(
        x=alt.X("k:Q").title("clusters").scale(nice=False, padding=12)
        .axis(values=ks, format="d", grid=False, labelOverlap=True),
        color=_colour(names),
        tooltip=["algorithm:N", "k:O", *(
            alt.Tooltip(f"{one}:Q", format=",.4~g") for one in ("value", "low", "high")
        )],
    )  # fmt: skip
    up = alt.Y("value:Q").title(None).scale(zero=False).axis(format=",.3~g", tickCount=5)
    line = base.mark_line(strokeWidth=1.5).encode(y=up)
    points = base.mark_point(size=22, opacity=1).encode(y=up)
    spread = base.mark_rule(opacity=0.6).encode(y=alt.Y("low:Q"), y2="high:Q")
    ring = base.transform_filter("datum.chosen").mark_point(
        size=170, filled=False, strokeWidth=2, opacity=1
    )
    return finished(layered(spread, line, points, ring.encode(y=up)), data, height=190, least=300)


def _colour(names: Sequence[str]) -> alt.Color:
    """A colour for each algorithm, the same whichever others are drawn."""
    known = list(ALGORITHMS.values())
    palette = [CATEGORIES[known.index(name) if name in known else len(known)] for name in names]
    return alt.Color("algorithm:N").title(None).scale(domain=list(names), range=palette)
