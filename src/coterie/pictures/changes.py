"""Who entered and left a segment or stage at each run: what was believed then."""

from __future__ import annotations

import altair as alt
import pyarrow as pa

from coterie.language.time import from_micros
from coterie.pictures.crowd import Asked, group_of
from coterie.pictures.saying import rows, table
from coterie.pictures.theme import COUNT, Drawing, finished, layered
from coterie.profiles.history import Step, believed
from coterie.profiles.state import read_changes

ENTERED, LEFT = "#3ca951", "#ff725c"
DAY = "slice(datum.label, 0, 10)"
WIDE = alt.RelativeBandSize(0.5)
NUMBERED = 20
"""Of more runs than these the sizes are told by pointing at a bar."""


def data(cdp: Asked, name: str) -> pa.Table:
    """One row a run that had the segment, or the stage (``lifecycle.loyal``).

    Returns
    -------
    pyarrow.Table
        ``at`` (the run's clock, in the project's zone), ``entered``, ``left``, ``size`` afterwards
        and ``causes`` (as in ``run`` or ``edit, merge``).

    Notes
    -----
    Change records are never rewritten, so this is what each run said, by the definitions and the
    events that it knew.
    """
    group, stage = group_of(cdp, name)
    _, lake, ledger = cdp.stores
    by_run: dict[int, list[Step]] = {}
    for step in believed(read_changes(lake, ledger), ledger.runs(), group, [stage]):
        by_run.setdefault(step.offset, []).append(step)
    runs = list(by_run.values())
    zone = cdp.settings.tz
    return table(
        {
            "at": (
                pa.timestamp("us", str(zone)),
                [from_micros(steps[0].at).astimezone(zone) for steps in runs],
            ),
            "entered": (pa.int64(), [sum(step.entered for step in steps) for steps in runs]),
            "left": (pa.int64(), [sum(step.left for step in steps) for steps in runs]),
            "size": (pa.int64(), [steps[-1].size for steps in runs]),
            "causes": (pa.string(), [", ".join(step.cause for step in steps) for steps in runs]),
        },
        f"{name}: entered and left",
        "at each run, as believed then; the number is the size after it",
    )


def chart(data: pa.Table) -> Drawing:
    """Entrances upwards, exits downwards, and the size that they lead to above them."""
    shown = [row | {"down": -row["left"], "label": f"{row['size']:,}"} for row in rows(data)]
    base = alt.Chart(alt.InlineData(shown)).encode(
        x=alt.X("at:O").title(None).axis(labelExpr=DAY, labelAngle=-40, labelOverlap=True),
        tooltip=["at:N", "entered:Q", "left:Q", "size:Q", "causes:N"],
    )
    up = base.mark_bar(color=ENTERED, width=WIDE).encode(
        y=alt.Y("entered:Q").title("entered and left").axis(COUNT)
    )
    down = base.mark_bar(color=LEFT, width=WIDE).encode(y="down:Q")
    size = base.mark_text(dy=-8, opacity=1 if len(shown) <= NUMBERED else 0).encode(
        y="entered:Q", text="label:N"
    )
    return finished(layered(up, down, size), data, height=220)
