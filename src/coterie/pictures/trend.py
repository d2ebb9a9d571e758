"""How large segments were at the beginning of each month, by what is known now."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pyarrow as pa
import pyarrow.compute as pc

from coterie.pictures import months as calendar
from coterie.pictures.crowd import Asked, At, Crowd, group_of, members
from coterie.pictures.saying import rows, table
from coterie.pictures.theme import Drawing, finished, layered


def data(
    cdp: Asked, names: Sequence[str] = (), *, at: At = None, months: int = 12, purpose: str = ""
) -> pa.Table:
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
        ``at`` (in the project's zone), ``name``, ``holds``.

    Notes
    -----
    This is what was true then by what is known now and today's definitions; what runs believed
    at the time is :mod:`coterie.pictures.changes`. What rests on a fit is fitted as of each
    instant, where no fit was active.
    """
    crowd = Crowd(cdp, at, purpose)
    wanted = {name: group_of(cdp, name) for name in names or cdp.questions.library.segments}
    instants = calendar.spine(crowd.position.t, months, crowd.zone)
    asked = crowd.over(list(dict.fromkeys(group for group, _ in wanted.values())), instants)
    found = [
        (at, name, pc.sum(members(part, *group)).as_py() or 0)
        for at in instants
        for part in [asked.filter(pc.equal(pc.cast(asked["at"], pa.int64()), at))]
        for name, group in wanted.items()
    ]
    return table(
        {
            "at": (pa.timestamp("us", str(crowd.zone)), [crowd.local(at) for at, _, _ in found]),
            "name": (pa.string(), [name for _, name, _ in found]),
            "holds": (pa.int64(), [holds for _, _, holds in found]),
        },
        "Size over time" if len(wanted) != 1 else f"{next(iter(wanted))} over time",
        f"by what is known now; {crowd.note(crowd.now(()).num_rows)}",
    )


def chart(data: pa.Table) -> Drawing:
    """A line for each."""
    several = len(data["name"].unique()) > 1
    base = alt.Chart(alt.InlineData(rows(data))).encode(
        x=alt.X("at:T").title(None).axis(format="%b %y", tickCount=6, grid=False),
        y=alt.Y("holds:Q").title("people").axis(format="~s", tickCount=4),
        tooltip=["name:N", alt.Tooltip("at:T", format="%Y-%m-%d"),
                 alt.Tooltip("holds:Q", format=",")],
    )  # fmt: skip
    if several:
        base = base.encode(color=alt.Color("name:N").title(None))
    return finished(layered(base.mark_line(), base.mark_point()), data, height=200)
