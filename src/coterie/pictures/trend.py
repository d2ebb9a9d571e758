"""How large segments were at the beginning of each month, by what is known now."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pyarrow as pa
import pyarrow.compute as pc

from coterie.pictures import months as calendar
from coterie.pictures.crowd import Asked, At, Crowd, group_of, members
from coterie.pictures.saying import rows, table
from coterie.pictures.theme import COUNT, MONTHS, Drawing, finished, layered

MOST = 8
"""More lines than these are not drawn: nobody could tell them apart."""


def data(cdp: Asked, names: Sequence[str] = (), *, at: At = None, months: int = 12) -> pa.Table:
    """One row a segment and instant.

    Parameters
    ----------
    names : sequence of str, optional
        Segments, or stages as in ``lifecycle.loyal``; by default every segment.
    at : instant, optional
        The last instant.
    months : int
        How many beginnings of months before it.

    Returns
    -------
    pyarrow.Table
        ``at`` (in the project's zone), ``name``, ``holds``: who is in it, whatever they allowed.

    Notes
    -----
    This is what was true then by what is known now and today's definitions; what runs believed
    at the time is :mod:`coterie.pictures.changes`. What rests on a fit is by the version active
    then, as fitted up to a month or more before; where none was, by one fitted as of the instant.
    """
    crowd = Crowd(cdp, at)
    wanted = {name: group_of(cdp, name) for name in names or cdp.questions.library.segments}
    instants = calendar.spine(crowd.position.t, months, crowd.zone)
    groups = list(dict.fromkeys(group for group, _ in wanted.values()))
    found = [
        (at, name, pc.sum(members(rows, *group)).as_py() or 0)
        for at, rows in crowd.over(groups, instants, everyone=True)
        for name, group in wanted.items()
    ]
    return table(
        {
            "at": (pa.timestamp("us", str(crowd.zone)), [crowd.local(at) for at, _, _ in found]),
            "name": (pa.string(), [name for _, name, _ in found]),
            "holds": (pa.int64(), [holds for _, _, holds in found]),
        },
        "Size over time" if len(wanted) != 1 else f"{next(iter(wanted))} over time",
        f"{crowd.known(groups)}, at the beginning of each month",
    )


def chart(data: pa.Table) -> Drawing:
    """A line for each, of the largest few."""
    shown = rows(data)
    last = {row["name"]: row["holds"] for row in shown}
    drawn = sorted(last, key=lambda name: -last[name])[:MOST]
    base = alt.Chart(alt.InlineData([row for row in shown if row["name"] in drawn])).encode(
        x=alt.X("at:T").title(None).axis(MONTHS),
        y=alt.Y("holds:Q", axis=COUNT, title="people"),
        tooltip=["name:N", alt.Tooltip("at:T", format="%Y-%m-%d"),
                 alt.Tooltip("holds:Q", format=",")],
    )  # fmt: skip
    if len(drawn) > 1:
        base = base.encode(color=alt.Color("name:N").title(None).sort(drawn))
    return finished(layered(base.mark_line(), base.mark_point()), data, height=200)
