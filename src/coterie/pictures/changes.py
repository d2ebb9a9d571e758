"""Who entered and left a segment or stage at each run: what was believed then."""

from __future__ import annotations

import altair as alt
import pyarrow as pa
import pyarrow.compute as pc

from coterie.pictures.crowd import Asked, group_of
from coterie.pictures.saying import rows, table
from coterie.pictures.theme import COUNT, Drawing, finished, layered
from coterie.profiles.state import read_changes

ENTERED, EXITED = "#3ca951", "#ff725c"


def data(cdp: Asked, name: str) -> pa.Table:
    """One row a run that changed the segment, or the stage (``lifecycle.loyal``).

    Returns
    -------
    pyarrow.Table
        ``at`` (the run's clock, in the project's zone), ``entered``, ``exited``, ``holds`` (the
        size that these changes add up to) and ``causes`` (as in ``run`` or ``edit, run``).

    Notes
    -----
    Change records are never rewritten, so this is what each run said, by the definitions and the
    events that it knew.
    """
    group, stage = group_of(cdp, name)
    log = read_changes(cdp.stores.lake, cdp.stores.ledger)
    log = log.filter(pc.and_(pc.equal(log["segment"], group), pc.equal(log["stage"], stage)))
    log = log.append_column("came", pc.cast(pc.equal(log["change"], "entered"), pa.int64()))
    runs = log.group_by(["offset", "at"]).aggregate(
        [("came", "sum"), ("came", "count"), ("cause", "distinct")]
    )
    runs = runs.sort_by("offset")
    entered = runs["came_sum"]
    exited = pc.subtract(runs["came_count"], entered)
    return table(
        {
            "at": (
                pa.timestamp("us", str(cdp.settings.tz)),
                [at.astimezone(cdp.settings.tz) for at in runs["at"].to_pylist()],
            ),
            "entered": (pa.int64(), entered.to_pylist()),
            "exited": (pa.int64(), exited.to_pylist()),
            "holds": (pa.int64(), pc.cumulative_sum(pc.subtract(entered, exited)).to_pylist()),
            "causes": (
                pa.string(),
                [", ".join(sorted(causes)) for causes in runs["cause_distinct"].to_pylist()],
            ),
        },
        f"{name}: entered and left",
        "at each run, as believed then; the number is the size after it",
    )


def chart(data: pa.Table) -> Drawing:
    """Entrances upwards, exits downwards, and the size that they lead to above them."""
    shown = [
        row | {"came": row["entered"], "went": -row["exited"], "label": f"{row['holds']:,}"}
        for row in rows(data)
    ]
    base = alt.Chart(alt.InlineData(shown)).encode(
        x=alt.X("at:O").title(None).axis(labelExpr="slice(datum.label, 0, 10)", labelAngle=-40),
        tooltip=["at:N", "entered:Q", "exited:Q", "holds:Q", "causes:N"],
    )
    up = base.mark_bar(color=ENTERED, size=18).encode(
        y=alt.Y("came:Q").title("entered and left").axis(COUNT)
    )
    down = base.mark_bar(color=EXITED, size=18).encode(y="went:Q")
    holds = base.mark_text(dy=-8).encode(y="came:Q", text="label:N")
    return finished(layered(up, down, holds), data, height=220)
