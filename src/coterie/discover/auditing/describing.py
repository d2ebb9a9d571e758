"""One attribute described: how much of it is known, how it is spread, what is far out."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from coterie.discover.auditing.audit import Attribute, Bar
from coterie.discover.crowd import Column, Crowd, Kind
from coterie.discover.prepared import Reals
from coterie.discover.preparing.outliers import limits
from coterie.discover.preparing.reading import infinite, numeric
from coterie.discover.preparing.skew import skewness
from coterie.pictures import bins
from coterie.pictures.distribution import AT_LEAST, MOST

FAR = 3
"""How much wider than 99 % of the values all of them must lie for the rest to be one bar a side."""
MEASURED = (Kind.NUMBER, Kind.INSTANT)


def described(crowd: Crowd, column: Column) -> Attribute:
    """One column of a crowd in numbers that tell of nobody.

    Notes
    -----
    An instant is described by its age in days at the crowd's clock. Infinite numbers count as
    unknown. Texts that fewer than 5 people share are not named.
    """
    series = crowd.frame[column.name]
    values = numeric(series, column, crowd.at)
    if column.kind in MEASURED:
        return _measured(column, values, infinite(series, column.kind))
    return _counted(column, series, len(series))


def _measured(column: Column, values: Reals, n_infinite: int) -> Attribute:
    known = values[~np.isnan(values)]
    counts = np.unique(known, return_counts=True)[1]
    found: dict[str, Any] = {}
    if known.size:
        names = ("least", "lower", "middle", "upper", "most")
        found = dict(zip(names, np.percentile(known, (0, 25, 50, 75, 100)).tolist(), strict=True))
        found |= {"mean": float(known.mean()), "deviation": float(known.std())}
        scale, edges = _edges(known)
        found |= {"skewness": skewness(known), "scale": scale, "bars": _bars(known, edges)}
    remarks = (f"{n_infinite:,} infinite values count as unknown",) if n_infinite else ()
    return Attribute(
        name=column.name, kind=column.kind.value, unit=_unit(column), people=len(values),
        unknown=len(values) - known.size, distinct=len(counts),
        commonest_share=float(counts.max()) / len(values) if known.size else 0.0,
        outliers_z=_outside(known, "robust-z"), outliers_iqr=_outside(known, "iqr"),
        remarks=remarks, **found,
    )  # fmt: skip


def _unit(column: Column) -> str:
    return "days" if column.kind is Kind.INSTANT else column.unit


def _outside(known: Reals, method: Any) -> int:
    low, high = limits(known, method, None)
    return int(((known < low) | (known > high)).sum())


def _edges(known: Reals) -> tuple[str, Reals]:
    """Where bars begin and end: even, or by powers where most would be in the first bar."""
    if bins.whole(known):
        return "each", np.arange(known.min(), known.max() + 2)
    if known.min() < 0 and _far(known):
        return "middle", _middle(known)
    if not bins.skewed(known) or known.min() < 0:
        return "even", bins.even(known)
    edges = bins.powers(known[known > 0])
    return "log", np.append(0.0, edges) if (known == 0).any() else edges


def _far(known: Reals) -> bool:
    """Whether the outermost hundredth takes most of the room of an even scale."""
    low, high = np.percentile(known, (0.5, 99.5))
    return float(np.ptp(known)) > FAR * float(high - low) > 0


def _middle(known: Reals) -> Reals:
    """Even bars for 99 % of the people, and one at each side for whoever lies beyond."""
    low, high = np.percentile(known, (0.5, 99.5))
    edges = bins.even(known[(known >= low) & (known <= high)])
    before = [float(known.min())] if known.min() < edges[0] else []
    after = [float(np.nextafter(known.max(), np.inf))] if known.max() >= edges[-1] else []
    return np.array([*before, *edges, *after])


def _bars(known: Reals, edges: Reals) -> tuple[Bar, ...]:
    people, _ = np.histogram(known, edges)
    each = zip(people.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    return tuple(Bar(count, low, high) for count, low, high in each)


def _counted(column: Column, series: pd.Series, n: int) -> Attribute:
    if column.kind is Kind.BOOLEAN:
        values = ["yes" if value else "no" for value in series.dropna()]
    else:
        values = series.dropna().astype(str).tolist()
    counts = Counter(values)
    top = counts.most_common(1)
    return Attribute(
        name=column.name, kind=column.kind.value, unit=column.unit, people=n,
        unknown=n - counts.total(), distinct=len(counts),
        commonest_share=top[0][1] / n if top else 0.0, bars=tuple(_values(column, counts)),
    )  # fmt: skip


def _values(column: Column, counts: Counter[str]) -> list[Bar]:
    named = [Bar(people, value=value) for value, people in counts.most_common(MOST)
             if people >= AT_LEAST or column.kind is Kind.BOOLEAN]  # fmt: skip
    if column.kind is Kind.ORDINAL:
        named.sort(
            key=lambda bar: column.levels.index(bar.value) if bar.value in column.levels else -1
        )
    others = counts.total() - sum(bar.people for bar in named)
    return [*named, Bar(others)] if others else named
