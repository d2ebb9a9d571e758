"""The grid of recency and frequency: how many buyers stand in each of its cells."""

from __future__ import annotations

import altair as alt
import pyarrow as pa
import pyarrow.compute as pc

from coterie.pictures.crowd import Asked, At, Crowd, stages_of
from coterie.pictures.saying import rows, table
from coterie.pictures.theme import Drawing, finished, layered

RECENCY, FREQUENCY, STAGES = "recency_rank", "frequency_rank", "rfm_segment"
"""The names that the recipe gives."""
AXES = ("recency", "frequency")


def data(
    cdp: Asked,
    recency: str = RECENCY,
    frequency: str = FREQUENCY,
    stages: str = STAGES,
    *,
    at: At = None,
    purpose: str = "",
) -> pa.Table:
    """One row a cell of the grid.

    Parameters
    ----------
    recency, frequency : str
        Traits that rank, 1 the lowest.
    stages : str
        The stages that name the cells; empty for none.

    Returns
    -------
    pyarrow.Table
        ``recency``, ``frequency``, ``people``, ``share`` of those ranked, and ``name``: the stage
        of most people in the cell, null without stages. A cell with nobody in it has no row.
    """
    if stages:
        stages_of(cdp, stages)
    crowd = Crowd(cdp, at, purpose)
    names = [recency, frequency, *([stages] if stages else [])]
    people = crowd.values(names)
    ranked = people.filter(pc.and_(people[recency].is_valid(), people[frequency].is_valid()))
    counted = ranked.group_by(names).aggregate([([], "count_all")])
    cells: dict[tuple[int, int], tuple[int, int, str | None]] = {}
    for row in counted.to_pylist():
        key, n = (row[recency], row[frequency]), row["count_all"]
        total, most, name = cells.get(key, (0, 0, None))
        best = (n, row[stages] if stages else None) if n > most else (most, name)
        cells[key] = (total + n, *best)
    return _table(cells, ranked.num_rows, crowd.note(ranked.num_rows))


def _table(
    cells: dict[tuple[int, int], tuple[int, int, str | None]], total: int, note: str
) -> pa.Table:
    ordered = sorted(cells)
    return table(
        {
            "recency": (pa.int64(), [recency for recency, _ in ordered]),
            "frequency": (pa.int64(), [frequency for _, frequency in ordered]),
            "people": (pa.int64(), [cells[key][0] for key in ordered]),
            "share": (pa.float64(), [cells[key][0] / total for key in ordered]),
            "name": (pa.string(), [cells[key][2] for key in ordered]),
        },
        "Recency and frequency",
        note,
    )


def chart(data: pa.Table) -> Drawing:
    """A heat map: who bought last is on the right, who buys often at the top."""
    shown = rows(data)
    ranks = list(range(1, max((row[one] for row in shown for one in AXES), default=1) + 1))
    base = alt.Chart(alt.InlineData(shown)).encode(
        x=alt.X("recency:O")
        .scale(domain=ranks)
        .title("recency: long ago \N{RIGHTWARDS ARROW} just now")
        .axis(labelAngle=0),
        y=alt.Y("frequency:O")
        .scale(domain=ranks[::-1])
        .title("frequency: once \N{RIGHTWARDS ARROW} often"),
        tooltip=["name:N", "recency:O", "frequency:O", alt.Tooltip("people:Q", format=","),
                 alt.Tooltip("share:Q", format=".1%")],
    )  # fmt: skip
    cell = base.mark_rect(cornerRadius=2).encode(
        color=alt.Color("people:Q").scale(domainMin=0).legend(None)
    )
    count = base.mark_text(fontSize=14, dy=-6).encode(text=alt.Text("people:Q", format=","))
    name = base.mark_text(fontSize=10, dy=10).encode(text="name:N")
    return finished(layered(cell, count, name), data, height=alt.Step(56), least=520)
