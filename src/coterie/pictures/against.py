"""One trait of the people of a segment, against everyone's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coterie.language.types import Boolean, Enumerated, Instant, Text, Type
from coterie.pictures import bins
from coterie.pictures.crowd import Asked, At, Crowd, group_of, members
from coterie.pictures.distribution import AT_LEAST, MOST, drawn_kind
from coterie.pictures.saying import about, rows, table
from coterie.pictures.theme import Drawing, finished, layered

PERCENT = alt.Axis(format=".0%", tickCount=4)
DAY = 86_400_000_000
EVERYONE = "#efb118"


_Columns = dict[str, tuple[pa.DataType, Sequence[object]]]


class Everyone(NamedTuple):
    """How everybody's values of a trait are spread: the bars, and the share of each.

    Parameters
    ----------
    options : tuple of str
        What the bars stand for, where they are no ranges.
    edges : Numbers
        Where they begin and end, where they are.
    shares : sequence of float
    people : int
        Who is counted, whether their value is known or not.
    scale : {"", "even", "log", "each"}
    """

    options: tuple[str, ...]
    edges: bins.Numbers
    shares: Sequence[float]
    people: int
    scale: str


def everyone(cdp: Asked, trait: str, *, at: At = None, purpose: str = "") -> Everyone:
    """What a segment's people are set against; the same for each segment of a purpose.

    Raises
    ------
    WrongType
        The trait is a list, or a text that the tracking plan calls personal.
    """
    kind, crowd = drawn_kind(cdp, trait), Crowd(cdp, at, purpose)
    people = crowd.values([trait])
    known = people[trait].drop_null()
    options = _options(kind, known)
    if options is not None:
        shares = _counted(_said(kind, known), options)
        return Everyone((*options,), np.empty(0), shares, people.num_rows, "")
    numbers = _plain(kind, known, crowd)
    edges, scale = _edges(numbers)
    return Everyone((), edges, _shares(numbers, edges), people.num_rows, scale)


def data(
    cdp: Asked, name: str, trait: str, *, at: At = None, purpose: str = "",
    others: Everyone | None = None,
) -> pa.Table:  # fmt: skip
    """One row a bar, with the share of the segment's people in it, and of everyone.

    Parameters
    ----------
    name : str
        A segment, or a stage as in ``lifecycle.loyal``.
    trait : str
    others : Everyone, optional
        What :func:`everyone` says of the trait, where that is known already.

    Returns
    -------
    pyarrow.Table
        ``inside`` and ``everyone``: shares of those whose value is known; after ``value`` (text,
        stages, yes and no), or ``from`` and ``to`` (a number, or days ago of an instant: `from` is
        in the bar, `to` is not).

    Notes
    -----
    Bars are those of everyone. Of texts the 15 most frequent are shown, and none that fewer than 5
    people share.

    Raises
    ------
    WrongType
        The trait is a list, or a text that the tracking plan calls personal.
    """
    kind = drawn_kind(cdp, trait)
    others = others or everyone(cdp, trait, at=at, purpose=purpose)
    crowd, group = Crowd(cdp, at, purpose), group_of(cdp, name)
    people = crowd.values([trait, group[0]])
    own = people[trait].filter(members(people, *group))
    note = f"bars are {len(own):,} in {name}, lines all {crowd.note(others.people)}"
    note = f"{note}; of {own.null_count:,} in it this is unknown" if own.null_count else note
    known = own.drop_null()
    if not others.scale:
        inside = _counted(_said(kind, known), others.options)
        head: _Columns = {"value": (pa.string(), others.options)}
        return table(head | _both(inside, others), trait, note, name=name)
    title = f"{trait} (days ago)" if isinstance(kind, Instant) else trait
    if others.scale == "log":
        note = f"{note}; at zero or below nobody is drawn"
    edges = others.edges.tolist()
    head = {"from": (pa.float64(), edges[:-1]), "to": (pa.float64(), edges[1:])}
    inside = _shares(_plain(kind, known, crowd), others.edges)
    return table(head | _both(inside, others), title, note, name=name, scale=others.scale)


def _both(inside: Sequence[float], others: Everyone) -> _Columns:
    return {"inside": (pa.float64(), inside), "everyone": (pa.float64(), others.shares)}


def _options(kind: Type, known: pa.ChunkedArray) -> Sequence[str] | None:
    """What bars stand for; None where they are ranges."""
    match kind:
        case Text():
            return _frequent(known)
        case Enumerated(options):
            return options
        case Boolean():
            return ("yes", "no")
    return None


def _said(kind: Type, values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(values, "yes", "no") if isinstance(kind, Boolean) else values


def _plain(kind: Type, values: pa.ChunkedArray, crowd: Crowd) -> bins.Numbers:
    """Numbers as they are, and of instants how many days ago."""
    if isinstance(kind, Instant):
        ago = crowd.position.t - pc.cast(values, pa.int64()).to_numpy()
        return np.asarray(ago // DAY, np.float64)
    return np.asarray(pc.cast(values, pa.float64()).to_numpy())


def _counted(values: pa.ChunkedArray, options: Sequence[str]) -> list[float]:
    """The share of each option."""
    counted = {row["values"]: row["counts"] for row in values.value_counts().to_pylist()}
    return [counted.get(each, 0) / max(1, len(values)) for each in options]


def _frequent(values: pa.ChunkedArray) -> list[str]:
    every = values.value_counts()
    counted = every.field("counts")
    most = pc.select_k_unstable(counted, min(MOST, len(counted)), [("", "descending")])
    return [row["values"] for row in every.take(most).to_pylist() if row["counts"] >= AT_LEAST]


def _edges(values: bins.Numbers) -> tuple[bins.Numbers, str]:
    """Where the bars of everyone begin and end, and on which scale."""
    if not values.size:
        return np.array([0.0, 1.0]), "even"
    if bins.whole(values):
        return np.arange(values.min(), values.max() + 2), "each"
    if bins.skewed(values):
        return bins.powers(values[values > 0]), "log"
    return bins.even(values), "even"


def _shares(values: bins.Numbers, edges: bins.Numbers) -> list[float]:
    shares: list[float] = (np.histogram(values, edges)[0] / max(1, values.size)).tolist()
    return shares


def chart(data: pa.Table) -> Drawing:
    """Full bars are the segment's people, an outline is everyone."""
    return _lying(data) if data.column_names[0] == "value" else _histogram(data)


def _lying(data: pa.Table) -> Drawing:
    shown = rows(data)
    base = alt.Chart(alt.InlineData(shown)).encode(
        y=alt.Y("value:N").sort([row["value"] for row in shown]).title(None), tooltip=_tips(data)
    )
    bars = base.mark_bar().encode(x=alt.X("inside:Q", axis=PERCENT, title="share of people"))
    everyone = base.mark_tick(thickness=3, color=EVERYONE, opacity=1).encode(x="everyone:Q")
    return finished(layered(bars, everyone), data, height=alt.Step(22))


def _histogram(data: pa.Table) -> Drawing:
    scale, shown = about(data, "scale"), rows(data)
    if scale == "each":
        shown = [row | {"from": row["from"] - 0.5, "to": row["from"] + 0.5} for row in shown]
    across = alt.Scale(type="log" if scale == "log" else "linear", nice=False)
    base = alt.Chart(alt.InlineData(shown)).encode(
        x=alt.X("from:Q", scale=across)
        .axis(format=",.12~g", tickCount=5, grid=False)
        .title(about(data, "title") + (" (log scale)" if scale == "log" else ""))
        .bin("binned"),
        x2="to:Q",
        tooltip=[alt.Tooltip("from:Q", format=",.4~g"), alt.Tooltip("to:Q", format=",.4~g"),
                 *_tips(data)],
    )  # fmt: skip
    bars = base.mark_bar(binSpacing=1).encode(
        y=alt.Y("inside:Q", axis=PERCENT, title="share of people")
    )
    everyone = base.mark_bar(fillOpacity=0, stroke=EVERYONE, strokeWidth=2).encode(y="everyone:Q")
    return finished(layered(bars, everyone), data, height=200)


def _tips(data: pa.Table) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("inside:Q", format=".1%", title=about(data, "name")),
        alt.Tooltip("everyone:Q", format=".1%", title="everyone"),
    ]
