"""How people are shared out among stages, month by month: the lifecycle over time."""

from __future__ import annotations

from collections import Counter

import altair as alt
import pyarrow as pa

from coterie.pictures import months as calendar
from coterie.pictures.crowd import Asked, At, Crowd, stages_of
from coterie.pictures.saying import about, rows, table
from coterie.pictures.theme import CATEGORIES, GREY, MONTHS, Drawing, finished

ABSENT = "not yet known"
"""Stands for the stage of whoever is not known yet, where two dates are set side by side."""


def data(
    cdp: Asked,
    stages: str = "lifecycle_stage",
    *,
    at: At = None,
    months: int = 12,
    purpose: str = "",
) -> pa.Table:
    """One row a stage and instant: the beginning of each month, and the last instant.

    Returns
    -------
    pyarrow.Table
        ``at`` (in the project's zone), ``stage``, ``people``, ``share`` of everybody known by then.
        A stage that nobody is in has a row with 0; an instant at which nobody was known has none.
    """
    options = stages_of(cdp, stages).options
    crowd = Crowd(cdp, at, purpose)
    instants = calendar.spine(crowd.position.t, months, crowd.zone)
    found = [
        (at, one, counts[one], counts.total())
        for at, rows in crowd.over([stages], instants)
        for counts in [Counter(rows[stages].to_pylist())]
        if counts
        for one in options
    ]
    return table(
        {
            "at": (
                pa.timestamp("us", str(crowd.zone)),
                [crowd.local(at) for at, *_ in found],
            ),
            "stage": (pa.string(), [one for _, one, *_ in found]),
            "people": (pa.int64(), [people for *_, people, _ in found]),
            "share": (pa.float64(), [people / total for *_, people, total in found]),
        },
        f"{stages} over time",
        f"{crowd.known([stages])}; {crowd.note(crowd.now(()).num_rows)}",
        options="\n".join(options),
    )


def chart(data: pa.Table) -> Drawing:
    """Stacked areas that fill the height: the first stage at the top."""
    options = about(data, "options").split("\n")
    shown = [row | {"rank": options.index(row["stage"])} for row in rows(data)]
    area = alt.Chart(alt.InlineData(shown)).mark_area(opacity=0.9).encode(
        x=alt.X("at:T").title(None).axis(MONTHS),
        y=alt.Y("people:Q").stack("normalize").title("share").axis(format="%", tickCount=5),
        color=colours(options),
        order=alt.Order("rank:Q", sort="descending"),
        tooltip=["stage:N", alt.Tooltip("at:T", format="%Y-%m-%d"),
                 alt.Tooltip("people:Q", format=","), alt.Tooltip("share:Q", format=".1%")],
    )  # fmt: skip
    return finished(area, data, height=260)


def colours(options: list[str]) -> alt.Color:
    """The colour of each stage, the same in every picture of the stages."""
    range_ = [CATEGORIES[i % len(CATEGORIES)] for i in range(len(options))]
    range_ = [
        GREY if one == ABSENT else colour for one, colour in zip(options, range_, strict=True)
    ]
    return alt.Color("stage:N").title(None).scale(domain=options, range=range_)
