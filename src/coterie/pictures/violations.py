"""How often values were not as the tracking plan declares, day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

import altair as alt
import pyarrow as pa

from coterie.pictures.course import TIME
from coterie.pictures.saying import rows, table
from coterie.pictures.theme import COUNT, Drawing, finished

ACTIONS = ("refused", "dropped", "coerced", "observed")
"""What was done, the gravest first."""


def data(counts: Iterable[tuple[str, str, int]], until: date, days: int) -> pa.Table:
    """One row a day and action.

    Parameters
    ----------
    counts : iterable of (str, str, int)
        Day (ISO 8601, UTC), action, and how often.
    until : datetime.date
        The last day.
    days : int
        Up to it.

    Returns
    -------
    pyarrow.Table
        ``day``, ``action`` and ``n``, 0 included.
    """
    summed = Counter[tuple[str, str]]()
    for day, action, n in counts:
        summed[day, action] += n
    every = [until - timedelta(days=i) for i in reversed(range(days))]
    found = [(day, action, summed[day.isoformat(), action]) for day in every for action in ACTIONS]
    return table(
        {
            "day": (pa.date32(), [day for day, _, _ in found]),
            "action": (pa.string(), [action for _, action, _ in found]),
            "n": (pa.int64(), [n for *_, n in found]),
        },
        "Violations by day",
        "by what was done with the value; days are of UTC, of when it was judged",
    )


def chart(data: pa.Table) -> Drawing:
    """Bars on one another, the gravest at the bottom."""
    shown = [row for row in rows(data) if row["n"]]
    bars = alt.Chart(alt.InlineData(shown)).mark_bar(binSpacing=1).encode(
        x=alt.X("day:T").timeUnit("yearmonthdate").title(None).axis(TIME)
        .scale(domain=[str(data["day"][0]), str(data["day"][-1])] if data.num_rows else []),
        y=alt.Y("n:Q", axis=COUNT, title="values"),
        color=alt.Color("action:N").title(None).scale(domain=list(ACTIONS)),
        tooltip=[alt.Tooltip("day:T", format="%Y-%m-%d"), "action:N",
                 alt.Tooltip("n:Q", format=",")],
    )  # fmt: skip
    return finished(bars, data, height=180)
