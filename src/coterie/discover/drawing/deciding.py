"""Which traits decide who is in which cluster."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pyarrow as pa

from coterie.discover.drawing.groups import across, wide, wrapped
from coterie.discover.drawing.studied import Explained
from coterie.discover.drawing.wording import percent
from coterie.pictures.saying import about, rows, table
from coterie.pictures.theme import Drawing, finished, layered

MOST = 12
"""Traits that are drawn, those that decide most."""


def data(explained: Sequence[Explained], names: Sequence[str]) -> pa.Table:
    """One row a trait and cluster; the traits that decide most come first.

    Parameters
    ----------
    explained : sequence of Explained
        Of each cluster, in order.
    names : sequence of str
        What the clusters are called, in order.

    Returns
    -------
    pyarrow.Table
        ``trait``, ``cluster`` and ``weight``: the mean Shapley value of the cluster's people
        (Lundberg and Lee, 2017), in probability of being in the cluster. A trait that a cluster
        says nothing of has 0.
    """
    weights = [{one.column: one.value for one in each.weights} for each in explained]
    total: dict[str, float] = {}
    for each in weights:
        for column, value in each.items():
            total[column] = total.get(column, 0.0) + abs(value)
    kept = sorted(total, key=lambda column: -total[column])[:MOST]
    found = [
        (column, name, mine.get(column, 0.0))
        for column in kept
        for name, mine in zip(names, weights, strict=True)
    ]
    return table(
        {
            "trait": (pa.string(), [column for column, _, _ in found]),
            "cluster": (pa.string(), [name for _, name, _ in found]),
            "weight": (pa.float64(), [weight for *_, weight in found]),
        },
        "Which traits decide",
        _note(explained),
        names="\n".join(names),
    )


def _note(explained: Sequence[Explained]) -> str:
    said = (
        "how much each trait adds to the probability that a cluster's people are in it (mean "
        "Shapley values), by a forest that was taught the clusters"
    )
    if not explained:
        return said
    return f"{said} and puts {percent(explained[0].agreement)} of people held out where they are"


def chart(data: pa.Table) -> Drawing:
    """A row a trait, a column a cluster; the more it decides, the bluer."""
    names = about(data, "names").split("\n")
    shown = [row | {"over": wrapped(row["cluster"])} for row in rows(data)]
    base = alt.Chart(alt.InlineData(shown)).encode(
        x=across("over", names),
        y=alt.Y("trait:N").sort(list(dict.fromkeys(row["trait"] for row in shown))).title(None)
        .axis(domain=False, ticks=False),
        tooltip=["trait:N", "cluster:N", alt.Tooltip("weight:Q", format="+.3f")],
    )  # fmt: skip
    cell = base.mark_rect(cornerRadius=2).encode(
        color=alt.Color("weight:Q").scale(domainMin=0, clamp=True).legend(None)
    )
    number = base.mark_text(fontSize=11).encode(text=alt.Text("weight:Q", format="+.2f"))
    return finished(layered(cell, number), data, height=alt.Step(24), least=wide(names))
