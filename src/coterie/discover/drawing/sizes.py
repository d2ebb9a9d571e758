"""How many people are in each cluster."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pyarrow as pa

from coterie.discover.candidates import Candidate
from coterie.discover.drawing.groups import all_names, coloured, names_of
from coterie.pictures.saying import rows, table
from coterie.pictures.theme import COUNT, Drawing, finished, layered


def data(candidate: Candidate, names: Sequence[str] = ()) -> pa.Table:
    """One row a cluster, and one for noise where there is some.

    Returns
    -------
    pyarrow.Table
        ``cluster``, ``people``, and ``share`` of everybody in the matrix.
    """
    labels = np.where(candidate.labels < 0, candidate.k, candidate.labels)
    counts = np.bincount(labels, minlength=len(names_of(candidate, names)))
    shown = all_names(candidate, names)
    people = len(candidate.labels)
    return table(
        {
            "cluster": (pa.string(), list(shown)),
            "people": (pa.int64(), counts[: len(shown)].tolist()),
            "share": (pa.float64(), [n / people if people else 0.0 for n in counts[: len(shown)]]),
        },
        "Sizes of the clusters",
        f"{people:,} people",
    )


def chart(data: pa.Table) -> Drawing:
    """A bar for each, with people and share behind it."""
    shown = [
        row | {"label": f"{row['people']:,}  ({100 * row['share']:.1f} %)"} for row in rows(data)
    ]
    names = [row["cluster"] for row in shown]
    most = max((row["people"] for row in shown), default=0)
    base = alt.Chart(alt.InlineData(shown)).encode(
        y=alt.Y("cluster:N").sort(names).title(None),
        x=alt.X("people:Q", axis=COUNT, title="people").scale(
            domainMax=max(1, most * 1.5), nice=False
        ),
        tooltip=["cluster:N", alt.Tooltip("people:Q", format=","),
                 alt.Tooltip("share:Q", format=".1%")],
    )  # fmt: skip
    bars = base.mark_bar().encode(color=coloured("cluster", names).legend(None))
    label = base.mark_text(align="left", dx=5).encode(text="label:N")
    return finished(layered(bars, label), data, height=alt.Step(24), least=420)
