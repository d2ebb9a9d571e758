"""One trait of the people of a segment, against everyone's."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coterie.language.types import Boolean, Enumerated, Instant, Text
from coterie.pictures import bins
from coterie.pictures.crowd import Asked, At, Crowd, group_of, members
from coterie.pictures.distribution import AT_LEAST, MOST, drawn_kind
from coterie.pictures.saying import about, rows, table
from coterie.pictures.theme import Drawing, finished, layered

PERCENT = alt.Axis(format=".0%", tickCount=4)
DAY = 86_400_000_000
EVERYONE = "#efb118"

Parts = tuple[pa.ChunkedArray, pa.ChunkedArray]
"""Known values: of the segment, and of everyone."""


def data(cdp: Asked, name: str, trait: str, *, at: At = None, purpose: str = "") -> pa.Table:
    """One row a bar, with the share of the segment's people in it, and of everyone.

    Parameters
    ----------
    name : str
        A segment, or a stage as in ``lifecycle.loyal``.
    trait : str

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
    crowd, group = Crowd(cdp, at, purpose), group_of(cdp, name)
    people = crowd.now([trait, group[0]])
    own = people.filter(members(people, *group))
    parts = own[trait].drop_null(), people[trait].drop_null()
    note = f"bars are {own.num_rows:,} in {name}, lines all {crowd.note(people.num_rows)}"
    unknown = own[trait].null_count
    note = f"{note}; of {unknown:,} in it this is unknown" if unknown else note
    match kind:
        case Instant():
            days = _days(parts[0], crowd.position.t), _days(parts[1], crowd.position.t)
            return _numbers(f"{trait} (days ago)", name, days, note)
        case Text():
            return _values(trait, name, parts, _frequent(parts[1]), note)
        case Enumerated(options):
            return _values(trait, name, parts, options, note)
        case Boolean():
            truths = _words(parts[0]), _words(parts[1])
            return _values(trait, name, truths, ("yes", "no"), note)
    return _numbers(trait, name, (_floats(parts[0]), _floats(parts[1])), note)


def _values(title: str, name: str, parts: Parts, options: Sequence[str], note: str) -> pa.Table:
    inside, everyone = (_counted(values, options) for values in parts)
    return table(
        {
            "value": (pa.string(), [*options]),
            "inside": (pa.float64(), inside),
            "everyone": (pa.float64(), everyone),
        },
        title, note, name=name,
    )  # fmt: skip


def _counted(values: pa.ChunkedArray, options: Sequence[str]) -> list[float]:
    """The share of each option."""
    counted = {row["values"]: row["counts"] for row in values.value_counts().to_pylist()}
    return [counted.get(each, 0) / max(1, len(values)) for each in options]


def _frequent(values: pa.ChunkedArray) -> list[str]:
    counted = values.value_counts().field("counts")
    most = pc.select_k_unstable(counted, min(MOST, len(counted)), [("", "descending")])
    rows = values.value_counts().take(most).to_pylist()
    return [row["values"] for row in rows if row["counts"] >= AT_LEAST]


def _words(truths: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(truths, "yes", "no")


def _floats(values: pa.ChunkedArray) -> bins.Numbers:
    return np.asarray(pc.cast(values, pa.float64()).to_numpy())


def _days(values: pa.ChunkedArray, now: int) -> bins.Numbers:
    return np.asarray((now - pc.cast(values, pa.int64()).to_numpy()) // DAY, np.float64)


def _numbers(
    title: str, name: str, parts: tuple[bins.Numbers, bins.Numbers], note: str
) -> pa.Table:
    _, everyone = parts
    each = everyone.size > 0 and bins.whole(everyone)
    log = bins.skewed(everyone) and not each
    edges = np.array([0.0, 1.0])
    if everyone.size:
        above = everyone[everyone > 0]
        edges = bins.powers(above) if log else bins.even(everyone)
    if each:
        edges = np.arange(everyone.min(), everyone.max() + 2)
    if log:
        note = f"{note}; at zero or below nobody is drawn"
    shares = [np.histogram(values, edges)[0] / max(1, values.size) for values in parts]
    return table(
        {
            "from": (pa.float64(), edges[:-1].tolist()),
            "to": (pa.float64(), edges[1:].tolist()),
            "inside": (pa.float64(), shares[0].tolist()),
            "everyone": (pa.float64(), shares[1].tolist()),
        },
        title, note, name=name, scale="log" if log else "each" if each else "even",
    )  # fmt: skip


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
