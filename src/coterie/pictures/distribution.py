"""How the values of one trait are spread over people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coterie.errors import WrongType
from coterie.language import nodes as n
from coterie.language.types import Boolean, Enumerated, Instant, ListOf, Text, Type
from coterie.pictures import bins
from coterie.pictures import months as calendar
from coterie.pictures.crowd import Asked, At, Crowd
from coterie.pictures.saying import about, rows, table
from coterie.pictures.theme import COUNT, Drawing, finished, layered

AT_LEAST = 5
"""A text that fewer people share is counted with the others: it might tell who they are."""
MOST = 15
PERSONAL = frozenset({"identifier", "contact"})
"""Texts of these classes are not drawn: what is stored of them is a pseudonym."""
YEARS = 5


def data(
    cdp: Asked, trait: str, *, at: At = None, log: bool | None = None, purpose: str = ""
) -> pa.Table:
    """One row a bar.

    Parameters
    ----------
    trait : str
        A trait, segment or stages.
    log : bool, optional
        A logarithmic scale; by default where most people would be in the first bar otherwise.

    Returns
    -------
    pyarrow.Table
        ``people``, after ``from`` and ``to`` (a number: `from` is in the bar, `to` is not),
        ``value`` (text, stages, yes and no) or ``month`` (an instant; ``year`` where there are
        more than 5 years of them).

    Notes
    -----
    Unknown values, and values not above zero on a logarithmic scale, are told in the line under the
    title. Of texts the 15 most frequent are shown, and the others as one row without a value.

    Raises
    ------
    WrongType
        The trait is a list, or a text that the tracking plan calls personal.
    """
    kind = drawn_kind(cdp, trait)
    crowd = Crowd(cdp, at, purpose)
    values = crowd.values([trait])[trait]
    note = crowd.note(len(values))
    if values.null_count:
        note = f"{note}; {values.null_count:,} unknown"
    return _counted(trait, values.drop_null(), kind, crowd, note, log)


def drawn_kind(cdp: Asked, trait: str) -> Type:
    """The type of a trait that has a distribution to draw.

    Raises
    ------
    WrongType
        It has none, or one that tells of somebody.
    """
    kind = cdp.questions.library.type(trait)
    if not drawable(cdp, trait):
        raise WrongType(
            "a distribution is drawn of numbers, instants, stages, and texts that are not personal",
            where=trait, got=str(kind),
        )  # fmt: skip
    return kind


def drawable(cdp: Asked, trait: str) -> bool:
    """Whether a trait has a distribution to draw, and one that tells of nobody."""
    library = cdp.questions.library
    kind = library.type(trait)
    if isinstance(kind, ListOf):
        return False
    if not isinstance(kind, Text):
        return True
    nodes = n.walk(library.expanded(library.lowered[trait]))
    read = {node.name for node in nodes if isinstance(node, n.Property)}
    return not any(p.pii in PERSONAL and name in read for _, name, p in library.plan.properties())


def _counted(
    title: str, values: pa.ChunkedArray, kind: Type, crowd: Crowd, note: str, log: bool | None
) -> pa.Table:
    match kind:
        case Instant():
            return _months(title, values, crowd, note)
        case Text():
            return _texts(title, _tally(values), note)
        case Enumerated(options):
            counts = _tally(values)
            return _bars(title, [(one, counts[one]) for one in options], note)
        case Boolean():
            truths = _tally(values)
            return _bars(title, [("yes", truths[True]), ("no", truths[False])], note)
    return _numbers(title, pc.cast(values, pa.float64()).to_numpy(), note, log)


def _numbers(title: str, values: bins.Numbers, note: str, log: bool | None) -> pa.Table:
    each = values.size > 0 and bins.whole(values)
    log = bins.skewed(values) and not each if log is None else log
    if log:
        below = int((values <= 0).sum())
        values = values[values > 0]
        note = f"{note}; {below:,} at zero or below are not drawn" if below else note
    edges = np.array([0.0, 1.0])
    if values.size:
        edges = bins.powers(values) if log else bins.even(values)
    if values.size and each and not log:
        edges = np.arange(values.min(), values.max() + 2)
    people, _ = np.histogram(values, edges)
    return table(
        {
            "from": (pa.float64(), edges[:-1].tolist()),
            "to": (pa.float64(), edges[1:].tolist()),
            "people": (pa.int64(), people.tolist()),
        },
        title,
        note,
        scale="log" if log else "each" if each else "even",
    )


def _texts(title: str, counts: Counter[str], note: str) -> pa.Table:
    shown = [(value, c) for value, c in counts.most_common(MOST) if c >= AT_LEAST]
    shown.sort(key=lambda pair: (-pair[1], pair[0]))
    others = counts.total() - sum(c for _, c in shown)
    if others:
        note = f"{note}; {others:,} have {len(counts) - len(shown):,} other values"
    return _bars(title, [*shown, *([(None, others)] if others else [])], note)


def _bars(title: str, counts: Sequence[tuple[str | None, int]], note: str) -> pa.Table:
    return table(
        {
            "value": (pa.string(), [value for value, _ in counts]),
            "people": (pa.int64(), [people for _, people in counts]),
        },
        title,
        note,
    )


def _months(title: str, values: pa.ChunkedArray, crowd: Crowd, note: str) -> pa.Table:
    counts = _by_month(pc.cast(values, pa.int64()).to_numpy(), crowd.zone)
    unit = "month"
    if counts and max(counts) - min(counts) > 12 * YEARS:
        unit, counts = "year", _by_year(counts)
    step = 12 if unit == "year" else 1
    shown = range(min(counts), max(counts) + 1, step) if counts else range(0)
    days: list[date] = [calendar.first_day(month) for month in shown]
    return table(
        {unit: (pa.date32(), days), "people": (pa.int64(), [counts[month] for month in shown])},
        title,
        note,
    )


def _tally(values: pa.ChunkedArray) -> Counter[Any]:
    """How often each value is there, in the order in which they come."""
    found = pc.value_counts(values)
    return Counter(dict(zip(found.field(0).to_pylist(), found.field(1).to_pylist(), strict=True)))


def _by_month(micros: np.ndarray[Any, np.dtype[np.int64]], zone: ZoneInfo) -> Counter[int]:
    """How many instants each month of a zone has, between the first and the last."""
    if not micros.size:
        return Counter()
    first, last = (calendar.of(int(at), zone) for at in (micros.min(), micros.max()))
    begins = np.array([calendar.start(month, zone) for month in range(first, last + 1)])
    people = np.bincount(np.searchsorted(begins, micros, "right") - 1)
    return Counter({first + i: int(n) for i, n in enumerate(people) if n})


def _by_year(counts: Counter[int]) -> Counter[int]:
    found: Counter[int] = Counter()
    for month, people in counts.items():
        found[month // 12 * 12] += people
    return found


def chart(data: pa.Table) -> Drawing:
    """Bars: upright over numbers and months, lying beside texts and stages."""
    first = data.column_names[0]
    if first == "value":
        return _lying(data)
    return _histogram(data) if first == "from" else _calendar(data, first)


def _lying(data: pa.Table) -> Drawing:
    shown = [row for row in rows(data) if row["value"] is not None]
    most = max((row["people"] for row in shown), default=0)
    base = alt.Chart(alt.InlineData(shown)).encode(
        y=alt.Y("value:N").sort([row["value"] for row in shown]).title(None),
        x=alt.X("people:Q", axis=COUNT, title="people").scale(domainMax=max(1, most * 1.15)),
        tooltip=["value:N", alt.Tooltip("people:Q", format=",")],
    )
    label = base.mark_text(align="left", dx=4).encode(text=alt.Text("people:Q", format=","))
    return finished(layered(base.mark_bar(), label), data, height=alt.Step(20))


def _histogram(data: pa.Table) -> Drawing:
    scale = about(data, "scale")
    shown = rows(data)
    if scale == "each":
        shown = [row | {"from": row["from"] - 0.5, "to": row["from"] + 0.5} for row in shown]
    base = alt.Chart(alt.InlineData(shown)).mark_bar(binSpacing=1)
    across = alt.Scale(type="log" if scale == "log" else "linear", nice=False)
    axis = alt.Axis(format=",.12~g", tickCount=5, grid=False)
    bars = base.encode(
        x=alt.X("from:Q", scale=across, axis=axis)
        .title(about(data, "title") + (" (log scale)" if scale == "log" else ""))
        .bin("binned"),
        x2="to:Q",
        y=alt.Y("people:Q", axis=COUNT, title="people"),
        tooltip=[alt.Tooltip("from:Q", format=",.4~g"), alt.Tooltip("to:Q", format=",.4~g"),
                 alt.Tooltip("people:Q", format=",")],
    )  # fmt: skip
    return finished(bars, data, height=180)


def _calendar(data: pa.Table, unit: str) -> Drawing:
    shape = "%Y" if unit == "year" else "%b %y"
    bars = alt.Chart(alt.InlineData(rows(data))).mark_bar(binSpacing=1).encode(
        x=alt.X(f"{unit}:T").timeUnit("yearmonth" if unit == "month" else "year").title(None)
        .axis(format=shape, tickCount=6, grid=False, labelOverlap=True, labelSeparation=8),
        y=alt.Y("people:Q", axis=COUNT, title="people"),
        tooltip=[alt.Tooltip(f"{unit}:T", format=shape), alt.Tooltip("people:Q", format=",")],
    )  # fmt: skip
    return finished(bars, data, height=180)
