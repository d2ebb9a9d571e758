"""Who entered and left one segment or stage in each hour, day or week, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pyarrow as pa

from coterie.language.time import from_micros
from coterie.pictures.course import TIME
from coterie.pictures.crowd import Asked, group_of
from coterie.pictures.saying import about, rows, table
from coterie.pictures.theme import CATEGORIES, COUNT, Drawing, finished
from coterie.profiles.course import FIRST, Course, course
from coterie.profiles.tally import Tally

CAUSES = {
    "event": "an event", "time": "time alone", "run": "a run", "edit": "an edited definition",
    "late": "a late event", "merge": "a merge of people", "split": "a split of people",
    "refit": "a new fit", "consent": "a consent", "erase": "an erasure",
}  # fmt: skip
"""What records call a cause, in words."""


def data(cdp: Asked, name: str, found: Course | None = None) -> pa.Table:
    """One row a cause and hour, day or week.

    Parameters
    ----------
    name : str
        A segment, or a stage as in ``lifecycle.loyal``.
    found : Course, optional
        Where it is known already.

    Returns
    -------
    pyarrow.Table
        ``at`` (its beginning, in the project's zone), ``cause`` in words, ``entered``, ``left``.
        Whoever the first answer of all found inside did not enter, and is left out.
    """
    zone = cdp.settings.tz
    told = found or course(Tally().of(cdp.stores, *group_of(cdp, name)), zone)
    moved = [
        (from_micros(point.at).astimezone(zone), CAUSES.get(cause, cause), entered, left)
        for point in told.points
        for cause, (entered, left) in sorted(point.causes.items())
        if cause != FIRST
    ]
    return table(
        {
            "at": (pa.timestamp("us", str(zone)), [at for at, *_ in moved]),
            "cause": (pa.string(), [cause for _, cause, _, _ in moved]),
            "entered": (pa.int64(), [entered for *_, entered, _ in moved]),
            "left": (pa.int64(), [left for *_, left in moved]),
        },
        f"{name}: entered and left, by cause",
        f"in each {told.unit}: entrances upwards, exits downwards",
        unit=told.unit,
    )


def chart(data: pa.Table) -> Drawing:
    """Entrances upwards, exits downwards, a colour for each cause."""
    shown = [
        row | {"people": people, "change": change}
        for row in rows(data)
        for change, people in (("entered", row["entered"]), ("left", -row["left"]))
        if people
    ]
    hourly = about(data, "unit") == "hour"
    across = alt.X("at:T").timeUnit("yearmonthdatehours" if hourly else "yearmonthdate")
    bars = alt.Chart(alt.InlineData(shown)).mark_bar(binSpacing=1).encode(
        x=across.title(None).axis(TIME),
        y=alt.Y("people:Q", axis=COUNT, title="people"),
        color=alt.Color("cause:N", scale=_colours(shown)).title(None),
        tooltip=[alt.Tooltip("at:T", format="%Y-%m-%d %H:%M"), "cause:N", "change:N",
                 alt.Tooltip("people:Q", format="+,")],
    )  # fmt: skip
    return finished(bars, data, height=180)


def _colours(shown: Sequence[Mapping[str, Any]]) -> alt.Scale:
    """Each cause has one colour in every chart; the legend names those that are there."""
    there = {row["cause"] for row in shown}
    named = dict(zip(CAUSES.values(), CATEGORIES, strict=False))
    found = {cause: colour for cause, colour in named.items() if cause in there}
    return alt.Scale(domain=[*found], range=[*found.values()])
