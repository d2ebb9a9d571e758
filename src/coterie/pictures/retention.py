"""Who orders again: of the people of a month's first orders, how many in each month after."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa

from coterie.engines.fits import Fits
from coterie.language.authoring import Selected, event, trait
from coterie.language.library import Library
from coterie.language.naming import named
from coterie.pictures import months as calendar
from coterie.pictures.crowd import Asked, At, Crowd
from coterie.pictures.saying import rows, table
from coterie.pictures.theme import Drawing, finished, layered
from coterie.profiles.asking import Asking, points
from coterie.profiles.history import POINTS

NAME = "Order Completed"
ORDER = event(NAME)


def data(
    cdp: Asked, order: Selected = ORDER, *, at: At = None, months: int = 12, purpose: str = ""
) -> pa.Table:
    """One row a cohort and month since its first orders.

    Parameters
    ----------
    order : Selected
        The events that count.
    months : int
        How many months back the first cohort lies.

    Returns
    -------
    pyarrow.Table
        ``cohort`` (the first day of the month of first orders, in the project's zone), ``month``
        (0 is that month itself), ``size`` of the cohort, ``people`` who ordered in the month,
        ``share``, and ``complete``, false for the month that was not over.

    Notes
    -----
    One evaluation answers it: how many orders each person had made at the end of each month. An
    order on the first instant of a month is that month's; a month that only begins is not shown.
    """
    crowd = Crowd(cdp, at, purpose)
    zone, current = crowd.zone, calendar.of(crowd.position.t, crowd.zone)
    begins = (
        calendar.start(current, zone) == crowd.position.t
    )  # a month of one instant tells nothing
    now, last = crowd.position.t - begins, current - begins
    known = range(last - months, last + 1)
    ends = [calendar.start(month, zone) - 1 for month in known]
    first, counts = _asked(cdp, crowd, order, [*ends, now])
    began = np.array([calendar.of(at, zone) for at in first], np.int64)
    ordered = np.diff(counts, axis=0) > 0
    found = [
        (cohort, month - cohort, int(mine.sum()), int(ordered[month - known[0], mine].sum()))
        for cohort in known
        for mine in [began == cohort]
        if mine.any()
        for month in range(cohort, last + 1)
    ]
    return _table(found, current, crowd.note(int((began >= known[0]).sum())))


def _asked(
    cdp: Asked, crowd: Crowd, order: Selected, instants: list[int]
) -> tuple[list[int], np.ndarray[Any, np.dtype[np.int64]]]:
    """The instant of each buyer's first order, and a row of their counts at each instant."""
    library = cdp.questions.library
    own = named({"n": trait(order.count()), "first": trait(order.first_at())})
    asking = Asking(cdp.stores.lake, Library(own, library.plan, {}, ""))
    people, offset = crowd.now(())["profile"], crowd.position.offset
    firsts = asking.values(["first"], points(people, offset, instants[-1]), Fits())
    buyers = firsts.filter(firsts["first"].is_valid())
    several = max(1, POINTS // max(1, buyers.num_rows))
    parts = [
        pa.concat_tables([points(buyers["profile"], offset, t) for t in instants[i : i + several]])
        for i in range(0, len(instants), several)
    ]
    counts = [asking.values(["n"], part, Fits())["n"].to_numpy() for part in parts]
    matrix = np.concatenate(counts).reshape(len(instants), buyers.num_rows)
    return buyers["first"].to_pylist(), matrix


def _table(found: list[tuple[int, int, int, int]], current: int, note: str) -> pa.Table:
    complete = [cohort + month < current for cohort, month, _, _ in found]
    star = "" if all(complete) else "; * the month is not over"
    return table(
        {
            "cohort": (pa.date32(), [calendar.first_day(cohort) for cohort, *_ in found]),
            "month": (pa.int64(), [month for _, month, _, _ in found]),
            "size": (pa.int64(), [size for _, _, size, _ in found]),
            "people": (pa.int64(), [people for *_, people in found]),
            "share": (pa.float64(), [people / size for _, _, size, people in found]),
            "complete": (pa.bool_(), complete),
        },
        "Retention",
        f"the share of a month's new customers who order again{star}; {note}",
    )


def chart(data: pa.Table) -> Drawing:
    """A triangle: a row a month of first orders, with its size, and a column a month after."""
    shown = [
        row | {"label": f"{row['share']:.0%}{'' if row['complete'] else '*'}",
               "first": row["cohort"][:7], "text": f"{row['size']:,}"}
        for row in rows(data)
    ]  # fmt: skip
    cohorts = list(dict.fromkeys(row["first"] for row in shown))
    columns = list(range(max((row["month"] for row in shown), default=0) + 1))
    base = alt.Chart(alt.InlineData([row for row in shown if row["month"] > 0])).encode(
        x=alt.X("month:O").title("months since the first order").scale(domain=columns)
        .axis(labelAngle=0, labelExpr="datum.value == 0 ? 'people' : datum.label"),
        y=alt.Y("first:O").title("first ordered in").scale(domain=cohorts),
        tooltip=["first:N", "month:O", "people:Q", "size:Q", alt.Tooltip("share:Q", format=".1%")],
    )  # fmt: skip
    cell = base.mark_rect().encode(color=alt.Color("share:Q").scale(domainMin=0).legend(None))
    share = base.mark_text(fontSize=10).encode(text="label:N")
    sizes = alt.Chart(alt.InlineData([row for row in shown if row["month"] == 0]))
    size = sizes.mark_text(fontSize=10).encode(x="month:O", y="first:O", text="text:N")
    return finished(layered(cell, share, size), data, height=alt.Step(24), least=600)
