"""How well each person fits their cluster, cluster by cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa
from sklearn.metrics import silhouette_samples

from coterie.discover.candidates import NOISE, Candidate, Measure
from coterie.discover.drawing.groups import coloured, names_of, some_of_each
from coterie.discover.drawing.wording import valued
from coterie.discover.prepared import Prepared, Reals
from coterie.pictures.saying import about, rows, table
from coterie.pictures.theme import Drawing, finished, layered

MOST = 3_000
"""People whose distances are measured."""
LINE = 13
"""Pixels of a label."""
STEPS = 60
"""Points that draw the people of one cluster."""


def data(
    prepared: Prepared,
    candidate: Candidate,
    names: Sequence[str] = (),
    *,
    seed: int = 0,
    most: int = MOST,
) -> pa.Table:
    """One row a step of a cluster's curve, from those who fit best to those who fit worst.

    Returns
    -------
    pyarrow.Table
        ``cluster``, ``above`` (people drawn above this step, of all clusters), ``people`` and
        ``mean`` of the cluster, and ``silhouette`` of the person there. No row where there are
        fewer than two clusters.

    Notes
    -----
    Silhouettes are scikit-learn's (Rousseeuw, 1987), among the people drawn, of each cluster its
    share but at least 50; noise is left out. Below 0 a person is nearer to another cluster.
    """
    sample = some_of_each(candidate.labels, most, seed)
    labels = candidate.labels[sample]
    if not 1 < np.unique(labels).size < labels.size:
        return _table([], f"{len(sample):,} people; there is nothing to compare", "", "")
    each = silhouette_samples(prepared.matrix[sample], labels)
    found: list[tuple[str, float, int, float, float]] = []
    above, total, shown = 0, 0.0, names_of(candidate, names)
    for cluster in np.unique(labels):
        people = int((candidate.labels == cluster).sum())
        mine = np.sort(each[labels == cluster])[::-1]
        total += people * float(mine.mean())
        curve = _curve(mine)
        for at, value in zip(np.linspace(0, people, len(curve)), curve, strict=True):
            found.append((shown[cluster], above + at, people, float(mine.mean()), value))
        above += people
    return _table(found, _who(candidate, len(sample)), f"{total / above}", "\n".join(shown))


def _curve(values: Reals) -> Reals:
    """Falling values as few points."""
    return np.quantile(values, np.linspace(1, 0, min(STEPS, 2 * len(values)))).round(4)


def _who(candidate: Candidate, drawn: int) -> str:
    inside = int((candidate.labels != NOISE).sum())
    who = f"{inside:,} people" if drawn == inside else f"{drawn:,} of {inside:,} people"
    mean = valued("silhouette", candidate.measures.get("silhouette"))
    said = f"; mean {mean}" if mean else ""
    return f"{who}, those who fit best first; left of 0 another cluster is nearer{said}"


def _table(
    found: list[tuple[str, float, int, float, float]], note: str, mean: str, names: str
) -> pa.Table:
    return table(
        {
            "cluster": (pa.string(), [cluster for cluster, *_ in found]),
            "above": (pa.float64(), [above for _, above, *_ in found]),
            "people": (pa.int64(), [people for _, _, people, _, _ in found]),
            "mean": (pa.float64(), [mean for *_, mean, _ in found]),
            "silhouette": (pa.float64(), [value for *_, value in found]),
        },
        "Silhouettes",
        note,
        mean=mean,
        names=names,
    )


def chart(data: pa.Table) -> Drawing:
    """A falling edge for each cluster, as high as the cluster is large; a line at the mean."""
    shown, names = rows(data), about(data, "names").split("\n")
    height = _height(names)
    least = min([0.0, *(row["silhouette"] for row in shown)])
    across = alt.Scale(domain=[max(-1.0, least - 0.05), 1.6], nice=False)
    axis = alt.Axis(values=[-1, -0.5, 0, 0.5, 1], titleAnchor="start")
    base = alt.Chart(alt.InlineData(shown))
    edge = base.mark_area(orient="horizontal", interpolate="linear").encode(
        y=alt.Y("above:Q").axis(None).scale(reverse=True, nice=False),
        x=alt.X("silhouette:Q", scale=across, axis=axis, title="silhouette").stack(None),
        color=coloured("cluster", names).legend(None),
        tooltip=["cluster:N", alt.Tooltip("people:Q", format=","),
                 alt.Tooltip("mean:Q", format=".2f")],
    )  # fmt: skip
    middles = alt.Chart(alt.InlineData(_labels(shown, height)))
    label = middles.mark_text(align="right").encode(
        y=alt.Y("middle:Q"), x=alt.value("width"), text="label:N"
    )
    mean = alt.Chart(alt.InlineData([{"mean": float(about(data, "mean") or 0)}]))
    line = mean.mark_rule(strokeDash=[4, 3]).encode(x=alt.X("mean:Q"))
    return finished(layered(edge, line, label), data, height=height, least=420)


def _labels(shown: list[dict[str, Any]], height: int) -> list[dict[str, object]]:
    """A name with its mean, in the middle of each cluster or next to it."""
    ends: dict[str, list[dict[str, Any]]] = {}
    for row in shown:
        ends.setdefault(row["cluster"], []).append(row)
    edges = [(mine[0]["above"], mine[-1]["above"]) for mine in ends.values()]
    people = edges[-1][1] if edges else 0.0
    places = apart([(top + foot) / 2 for top, foot in edges], people * LINE / height, people)
    return [
        {
            "middle": place,
            "label": f"{name}  {valued('silhouette', Measure.exact(mine[0]['mean']))}",
        }
        for place, (name, mine) in zip(places, ends.items(), strict=True)
    ]


def apart(places: Sequence[float], gap: float, most: float) -> list[float]:
    """Rising places moved as little as it takes to be so far apart, none beyond `most`.

    Examples
    --------
    >>> apart([10, 50, 98, 99], 5, 100)
    [10, 50, 95, 100]
    """
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + gap) if found else place)
    for back in range(1, len(found) + 1):
        found[-back] = min(found[-back], most - (back - 1) * gap)
    return found


def _height(names: list[str]) -> int:
    return max(220, 34 * len(names))


def summary(data: pa.Table) -> pa.Table:
    """One row a cluster: its people and their mean silhouette."""
    found = data.group_by(["cluster", "people", "mean"], use_threads=False).aggregate([])
    return found.replace_schema_metadata(data.schema.metadata)
