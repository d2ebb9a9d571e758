"""Everybody as a point on a plane, by principal components or by t-SNE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import altair as alt
import numpy as np
import openTSNE
import pyarrow as pa
from sklearn.decomposition import PCA

from coterie.discover.candidates import Candidate
from coterie.discover.drawing.groups import Rows, all_names, coloured, name_each, some
from coterie.discover.prepared import Prepared, Reals
from coterie.pictures.saying import about, rows, table
from coterie.pictures.theme import Drawing, finished

Way = Literal["pca", "tsne"]
MOST: dict[Way, int] = {"pca": 3_000, "tsne": 2_000}
"""People on a map; of more some are drawn by chance."""
FEWEST = 10
"""Of fewer t-SNE makes no map."""
PERPLEXITY = 30
EVERYBODY = "everybody"


class Plane(NamedTuple):
    """Where people are drawn, and what the two directions are."""

    points: Reals
    note: str
    across: str = ""
    up: str = ""


def data(
    prepared: Prepared,
    candidate: Candidate | None = None,
    names: Sequence[str] = (),
    *,
    way: Way = "pca",
    seed: int = 0,
    most: int = 0,
) -> pa.Table:
    """One row a person drawn.

    Parameters
    ----------
    candidate : Candidate, optional
        Whose clusters colour the points; by default all are alike.
    names : sequence of str, optional
        What its clusters are called, in order.
    way : {"pca", "tsne"}
    seed : int
        Of who is drawn, and of t-SNE.
    most : int
        People drawn; of more than so many some by chance, each as likely as any other. By default
        3,000, and 2,000 by t-SNE.

    Returns
    -------
    pyarrow.Table
        ``x``, ``y`` and ``cluster``, in no order that tells of anybody. Nobody's row where t-SNE
        has fewer than 10 people.

    Notes
    -----
    Components are fitted on everybody that clusters were fitted on. t-SNE (van der Maaten and
    Hinton, 2008; openTSNE, Poličar and others, 2024) keeps neighbours together: sizes of its
    islands and distances between them mean nothing.
    """
    drawn = some(len(prepared.matrix), most or MOST[way], seed)
    plane = _components(prepared, drawn) if way == "pca" else _islands(prepared, drawn, seed)
    shown = np.random.default_rng(seed).permutation(len(plane.points))
    mixed, points = drawn[shown], np.round(plane.points[shown], 3)
    whose = name_each(candidate, mixed, names) if candidate else [EVERYBODY] * len(mixed)
    return table(
        {
            "x": (pa.float64(), points[:, 0].tolist()),
            "y": (pa.float64(), points[:, 1].tolist()),
            "cluster": (pa.string(), whose),
        },
        "Map by principal components" if way == "pca" else "Map by t-SNE",
        f"{_who(len(points), len(prepared.matrix))}; {plane.note}",
        names="\n".join(all_names(candidate, names) if candidate else [EVERYBODY]),
        across=plane.across,
        up=plane.up,
    )


def _who(drawn: int, everybody: int) -> str:
    if drawn == everybody:
        return f"{drawn:,} people"
    return f"{drawn:,} of {everybody:,} people, drawn by chance"


def _components(prepared: Prepared, drawn: Rows) -> Plane:
    """The first two components of each; the second is 0 where there is one coordinate alone."""
    matrix = prepared.matrix
    kept = min(2, matrix.shape[1])
    found = PCA(kept, svd_solver="covariance_eigh").fit(matrix[prepared.fitted_on])
    points = np.zeros((len(drawn), 2))
    points[:, :kept] = found.transform(matrix[drawn])
    shares = [f"{100 * share:.0f} %" for share in np.nan_to_num(found.explained_variance_ratio_)]
    titles = [f"component {number}: {share} of variance" for number, share in enumerate(shares, 1)]
    return Plane(points, f"the plane holds {_sum(found)} of all variance", *titles)


def _sum(found: PCA) -> str:
    return f"{100 * float(np.nan_to_num(found.explained_variance_ratio_).sum()):.0f} %"


def _islands(prepared: Prepared, drawn: Rows, seed: int) -> Plane:
    if len(drawn) < FEWEST:
        return Plane(np.empty((0, 2)), f"t-SNE needs {FEWEST} people")
    perplexity = min(PERPLEXITY, (len(drawn) - 1) / 3)
    found = openTSNE.TSNE(
        perplexity=perplexity,
        initialization="pca" if prepared.matrix.shape[1] > 1 else "random",
        neighbors="exact",
        random_state=seed,
    ).fit(prepared.matrix[drawn])
    return Plane(np.asarray(found), "neighbours stay together, other distances mean nothing")


def chart(data: pa.Table) -> Drawing:
    """A point a person, in the colour of their cluster."""
    names = about(data, "names").split("\n")
    across, up = about(data, "across"), about(data, "up")
    axis = alt.Axis(ticks=False, labels=False, domain=False, grid=False)
    points = (
        alt.Chart(alt.InlineData(rows(data)))
        .mark_circle(size=14, opacity=0.6)
        .encode(
            x=alt.X("x:Q", axis=axis).title(across or None).scale(zero=False),
            y=alt.Y("y:Q", axis=axis).title(up or None).scale(zero=False),
            color=coloured("cluster", names),
            tooltip=["cluster:N"],
        )
    )
    return finished(points, data, height=420, least=320)


def summary(data: pa.Table) -> pa.Table:
    """One row a cluster: how many of its people are drawn, and the middle of them."""
    found = data.group_by("cluster").aggregate([([], "count_all"), ("x", "mean"), ("y", "mean")])
    columns = ["cluster", "count_all", "x_mean", "y_mean"]
    said = found.select(columns).rename_columns(["cluster", "people", "x", "y"])
    return said.sort_by([("people", "descending")]).replace_schema_metadata(data.schema.metadata)
