"""By what each cluster differs from everybody: every feature of every cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from coterie.discover.candidates import Candidate
from coterie.discover.crowd import Column, Crowd, Kind
from coterie.discover.drawing.groups import across, all_names, coloured, wide, wrapped
from coterie.discover.explaining.facts import SHARE
from coterie.discover.prepared import Feature, Prepared, Reals
from coterie.pictures.saying import about, rows, table
from coterie.pictures.theme import Drawing, finished, layered

MOST = 20
"""Features that are drawn, those by which clusters differ most."""
LINED = 12
"""Features that the lines are drawn over."""
LINES_NOTE = "each line is a cluster; above 0 it has more than everybody, below 0 less"
UNKNOWN = "unknown"
FEW = 5
"""Of fewer people nothing is told: it might tell who they are."""
TINY = 1e-3
FAR = 2.0
"""Standard deviations at which the colour is full."""
WARM, COOL = "#d9822b", "#4269d0"


def data(
    crowd: Crowd, prepared: Prepared, candidate: Candidate, names: Sequence[str] = ()
) -> pa.Table:
    """One row a feature and cluster; features by which clusters differ most come first.

    Returns
    -------
    pyarrow.Table
        ``feature``, ``cluster``, ``people``, ``difference``: of the cluster's mean from
        everybody's, in standard deviations of everybody, after preparation (so that a few huge
        values do not decide); and ``typical``: the median of the values as they were found,
        the share of people for truths and categories. Noise comes last, where there is some.

    Notes
    -----
    Clusters and categories of fewer than 5 people are left out: they might tell who they are.
    """
    clusters = all_names(candidate, names)
    labels = np.where(candidate.labels < 0, candidate.k, candidate.labels)
    sizes = np.bincount(labels, minlength=len(clusters))
    told = [number for number in range(len(clusters)) if sizes[number] >= FEW]
    frame = crowd.frame.iloc[prepared.rows]
    inside = {cluster: frame[labels == cluster] for cluster in told}
    apart = _differences(prepared.standardised, labels, told)
    kept = [
        number
        for number in _most_telling(apart, sizes[told])
        if _common(frame, prepared.features[number])
    ]
    found = [
        (prepared.features[one], cluster, float(apart[place, one]))
        for one in kept[:MOST]
        for place, cluster in enumerate(told)
    ]
    return table(
        {
            "feature": (pa.string(), [label(crowd, feature) for feature, *_ in found]),
            "cluster": (pa.string(), [clusters[cluster] for _, cluster, _ in found]),
            "people": (pa.int64(), [int(sizes[cluster]) for _, cluster, _ in found]),
            "difference": (pa.float64(), [difference for *_, difference in found]),
            "typical": (
                pa.string(),
                [_typical(crowd, inside[cluster], one) for one, cluster, _ in found],
            ),
        },
        "What makes each cluster itself",
        _note(len(kept), len(clusters) - len(told)),
        names="\n".join(clusters),
    )  # fmt: skip


def _note(features: int, small: int) -> str:
    said = (
        "difference from everybody in standard deviations, orange is more and blue is less; the "
        "number is the median, or the share of people"
    )
    if features > MOST:
        said = f"{said}; the {MOST} of {features} features that differ most"
    return f"{said}; clusters of fewer than {FEW} people are not told ({small})" if small else said


def _differences(standardised: Reals, labels: np.ndarray, told: Sequence[int]) -> Reals:
    """Of each cluster's mean from everybody's, in everybody's standard deviations."""
    mean, spread = standardised.mean(0), standardised.std(0)
    means = np.array([standardised[labels == cluster].mean(0) for cluster in told])
    apart: Reals = (means.reshape(len(told), len(mean)) - mean) / np.where(spread > 0, spread, 1.0)
    return apart


def _most_telling(apart: Reals, sizes: np.ndarray) -> list[int]:
    """Features by how much of their variance is between clusters, the most first."""
    between = (sizes[:, None] * apart**2).sum(0)
    return [int(place) for place in np.argsort(-between, kind="stable")]


def _common(frame: pd.DataFrame, feature: Feature) -> bool:
    """Whether enough people have a category for it to be named."""
    if feature.category is None:
        return True
    return int((frame[feature.column] == feature.category).sum()) >= FEW


def label(crowd: Crowd, feature: Feature) -> str:
    """What a feature is called on a picture: with its unit, where it has one."""
    column = crowd.column(feature.column)
    if feature.of == "unknown" or feature.category is not None:
        return feature.name
    unit = "days ago" if column.kind is Kind.INSTANT else column.unit
    return f"{feature.name} ({unit})" if unit else feature.name


def _typical(crowd: Crowd, frame: pd.DataFrame, feature: Feature) -> str:
    """What is usual in a cluster, as people say it.

    Shares are of everybody in it: who is unknown has no category, and is not true.
    """
    column, values = crowd.column(feature.column), frame[feature.column]
    if feature.of == "unknown":
        return _percent(values.isna())
    if feature.category is not None:
        return _percent((values == feature.category).fillna(False))
    if column.kind is Kind.BOOLEAN:
        return _percent(values.fillna(False))
    known = (values if column.nothing is None else values.fillna(column.nothing)).dropna()
    return _middle(column, known, crowd.at) if len(known) else UNKNOWN


def _middle(column: Column, known: pd.Series, at: int) -> str:
    """The median: a level, days before an instant, or a number."""
    match column.kind:
        case Kind.ORDINAL:
            places = sorted(column.levels.index(one) for one in known if one in column.levels)
            return column.levels[places[(len(places) - 1) // 2]] if places else UNKNOWN
        case Kind.INSTANT:
            ages = (pd.Timestamp(at, unit="us", tz="UTC") - known).dt.days
            return brief(float(ages.median()))
        case Kind.CATEGORY:
            return str(known.mode().iloc[0])
    finite = known.astype(float).loc[lambda one: np.isfinite(one)]
    if finite.empty:
        return UNKNOWN
    middle = float(finite.median())
    return _percent(middle) if SHARE.search(column.name) else brief(middle)


def _percent(share: float | pd.Series) -> str:
    """A share, or that of the people for whom something is true."""
    return f"{100 * float(np.mean(share)):.0f} %"


def brief(value: float) -> str:
    """A number in about three digits.

    Examples
    --------
    >>> brief(1234567.0), brief(6941.2), brief(12.94), brief(0.0)
    ('1.23M', '6,941', '12.9', '0')
    """
    size = abs(value)
    if 0 < size < TINY:
        return "\N{ALMOST EQUAL TO} 0"
    if size >= 1e6:
        said = f"{value / 1e6:,.3g}M" if size < 1e9 else f"{value:.3g}"
    else:
        said = f"{value:,.0f}" if size >= 100 else f"{value:.3g}"
    return said.replace("-", "\N{MINUS SIGN}")


def chart(data: pa.Table) -> Drawing:
    """A heat map: a row a feature, a column a cluster, blue where there is less, orange more."""
    shown = rows(data)
    base = _base(shown, data)
    cell = base.mark_rect(cornerRadius=2).encode(
        color=alt.value(WARM),
        opacity=alt.Opacity("strength:Q").scale(domain=[0, 1], range=[0, 0.75]).legend(None),
    )
    less = cell.transform_filter("datum.difference < 0").encode(color=alt.value(COOL))
    more = cell.transform_filter("datum.difference >= 0")
    typical = base.mark_text(fontSize=11).encode(text="typical:N")
    clusters = list({row["cluster"] for row in shown})
    return finished(layered(less, more, typical), data, height=alt.Step(26), least=wide(clusters))


def _base(shown: list[dict[str, Any]], data: pa.Table) -> alt.Chart:
    clusters = about(data, "names").split("\n")
    features = list(dict.fromkeys(row["feature"] for row in shown))
    strong = [
        row | {"strength": min(1.0, abs(row["difference"]) / FAR), "over": wrapped(row["cluster"])}
        for row in shown
    ]
    return alt.Chart(alt.InlineData(strong)).encode(
        x=across("over", clusters),
        y=alt.Y("feature:N").sort(features).title(None).axis(domain=False, ticks=False),
        tooltip=["feature:N", "cluster:N", alt.Tooltip("people:Q", format=","), "typical:N",
                 alt.Tooltip("difference:Q", format="+.2f")],
    )  # fmt: skip


def lined(data: pa.Table) -> pa.Table:
    """The rows of the features that tell most, for lines."""
    features = data["feature"].unique().slice(0, LINED)
    said = {b"title": b"The same as lines", b"note": LINES_NOTE.encode()}
    kept = data.filter(pc.is_in(data["feature"], value_set=features))
    return kept.replace_schema_metadata({**(data.schema.metadata or {}), **said})


def lines(data: pa.Table) -> Drawing:
    """The same as parallel lines, one a cluster, over the features that tell most."""
    kept = lined(data)
    shown, clusters = rows(kept), about(kept, "names").split("\n")
    base = alt.Chart(alt.InlineData(shown)).encode(
        x=alt.X("feature:N").sort(list(dict.fromkeys(row["feature"] for row in shown)))
        .title(None).axis(labelAngle=-40, labelLimit=150, grid=True),
        y=alt.Y("difference:Q").title("standard deviations from everybody").axis(tickCount=5),
        color=coloured("cluster", clusters),
        tooltip=["cluster:N", "feature:N", "typical:N", alt.Tooltip("difference:Q", format="+.2f")],
    )  # fmt: skip
    zero = alt.Chart(alt.InlineData([{"zero": 0}])).mark_rule(strokeDash=[4, 3])
    drawn = layered(zero.encode(y="zero:Q"), base.mark_line(), base.mark_point(size=36))
    return finished(drawn, kept, height=240, least=440)
