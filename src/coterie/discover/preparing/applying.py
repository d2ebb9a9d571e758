"""Features applied step by step, without scikit-learn: what an engine does with one person."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from coterie.discover.crowd import Column, Kind
from coterie.discover.prepared import Feature, Reals
from coterie.discover.preparing.reading import UNKNOWN, numeric, texts, unknown
from coterie.discover.preparing.skew import bent


def applied(
    features: Sequence[Feature], frame: pd.DataFrame, columns: Sequence[Column], at: int
) -> Reals:
    """People as points, a coordinate for each feature.

    Parameters
    ----------
    frame : pandas.DataFrame
        With the features' columns.
    columns : sequence of Column
        What they are.
    at : int
        The clock that ages are counted to, microseconds UTC.

    Returns
    -------
    (n, p) float64
        NaN where a value is unknown and its feature does not fill it.
    """
    kinds = {column.name: column for column in columns}
    made = [_coordinate(feature, frame[feature.column], kinds, at) for feature in features]
    return np.column_stack(made) if made else np.zeros((len(frame), 0))


def _coordinate(feature: Feature, series: pd.Series, kinds: dict[str, Column], at: int) -> Reals:
    values = _read(feature, series, kinds[feature.column], at)
    if feature.fill is not None:
        values = np.where(np.isnan(values), feature.fill, values)
    values = np.clip(
        values,
        -np.inf if feature.low is None else feature.low,
        np.inf if feature.high is None else feature.high,
    )
    return (bent(values, feature.curve, feature.bend) - feature.mean) / feature.scale


def _read(feature: Feature, series: pd.Series, column: Column, at: int) -> Reals:
    if feature.of == "unknown":
        return unknown(series.to_frame()).ravel()
    if feature.category is not None:
        read = texts(series.to_frame()).ravel()
        return np.where(read == UNKNOWN, np.nan, (read == feature.category).astype(np.float64))
    if column.kind is Kind.CATEGORY or column.kind is Kind.ORDINAL:
        column = Column(column.name, Kind.ORDINAL, feature.levels)
    return numeric(series, column, at)
