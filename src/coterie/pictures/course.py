"""How large one segment or stage was from its first record to now, as it was believed."""

from __future__ import annotations

import altair as alt
import pyarrow as pa

from coterie.language.time import from_micros
from coterie.pictures.crowd import Asked, group_of
from coterie.pictures.saying import rows, table
from coterie.pictures.theme import COUNT, MONTHS, Drawing, finished, layered
from coterie.profiles.course import Course, course
from coterie.profiles.tally import Tally

TIME = alt.Axis(tickCount=6, grid=False, labelOverlap=True, labelSeparation=8)
"""An axis of hours or days."""
FEW = 40
"""So many points are marked; of more there is a line alone."""


def data(cdp: Asked, name: str, until: int, found: Course | None = None) -> pa.Table:
    """One row an hour, day or week in which anybody moved, and one for now.

    Parameters
    ----------
    name : str
        A segment, or a stage as in ``lifecycle.loyal``.
    until : int
        Now, microseconds UTC: the size stays until then.
    found : Course, optional
        Where it is known already.

    Returns
    -------
    pyarrow.Table
        ``at`` (in the project's zone) and ``size``: who was in it, whatever they allowed.

    Notes
    -----
    Change records are never rewritten, so this is what was believed at each instant; what was true
    by what is known now is :mod:`coterie.pictures.trend`.
    """
    zone = cdp.settings.tz
    told = found or course(Tally().of(cdp.stores, *group_of(cdp, name)), zone)
    points = [(point.at, point.size) for point in told.points]
    points += [(max(until, points[-1][0]), told.size)] if points else []
    return table(
        {
            "at": (
                pa.timestamp("us", str(zone)),
                [from_micros(at).astimezone(zone) for at, _ in points],
            ),
            "size": (pa.int64(), [size for _, size in points]),
        },
        f"{name} over time",
        "as believed at the time: who was in it, whatever they allowed",
        unit=told.unit,
    )


def chart(data: pa.Table) -> Drawing:
    """A line in steps: nobody moves between two points."""
    shown = rows(data)
    axis = MONTHS if _long(data) else TIME
    base = alt.Chart(alt.InlineData(shown)).encode(
        x=alt.X("at:T").title(None).axis(axis),
        y=alt.Y("size:Q", axis=COUNT, title="people").scale(zero=False),
        tooltip=[alt.Tooltip("at:T", format="%Y-%m-%d %H:%M"), alt.Tooltip("size:Q", format=",")],
    )
    line = base.mark_line(interpolate="step-after")
    points = base.mark_point(opacity=1 if len(shown) <= FEW else 0)
    return finished(layered(line, points), data, height=200)


def _long(data: pa.Table) -> bool:
    """Whether months are the better marks."""
    at = data["at"]
    return len(at) > 1 and (at[-1].as_py() - at[0].as_py()).days > 90
