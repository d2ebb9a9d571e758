"""The steps of every column as one scikit-learn `ColumnTransformer`, and what it made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)

from coterie.discover.crowd import Kind
from coterie.discover.prepared import Feature
from coterie.discover.preparing import reading
from coterie.discover.preparing.judging import Steps

FLAG = "unknown"
"""What a feature of unknowns is named by, after its column's."""


def transformer(plan: Sequence[Steps], at: int) -> ColumnTransformer:
    """All columns side by side, not fitted yet.

    Parameters
    ----------
    at : int
        The clock that ages are counted to.
    """
    parts: list[tuple[str, Any, list[str]]] = []
    for i, steps in enumerate(plan):
        parts.append((f"c{i}", _column(steps, at), [steps.column.name]))
        if steps.choice.flag_unknown:
            flag = [("read", FunctionTransformer(reading.unknown)), ("scale", StandardScaler())]
            parts.append((f"u{i}", Pipeline(flag), [steps.column.name]))
    return ColumnTransformer(parts, sparse_threshold=0.0, verbose_feature_names_out=False)


def weights(plan: Sequence[Steps], frame: pd.DataFrame) -> dict[str, float]:
    """What each column's features are multiplied by.

    Parameters
    ----------
    frame : pandas.DataFrame
        The people that are fitted on.

    Notes
    -----
    The features of a category share the variance of one standardised number, as in factor analysis
    of mixed data (Pagès 2004): a text with many values counts no more than an amount.
    """
    found = {}
    for i, steps in enumerate(plan):
        found[f"c{i}"] = steps.choice.weight
        if steps.categories and steps.choice.scaling != "minmax":
            read = reading.texts(frame[[steps.column.name]]).ravel()
            shares = np.array([np.mean(read == value) for value in steps.categories])
            total = float(np.sum(shares * (1 - shares)))
            found[f"c{i}"] /= np.sqrt(total) if total else 1.0
    return found


def _column(steps: Steps, at: int) -> Pipeline:
    if steps.column.kind is Kind.CATEGORY:
        return Pipeline(list(_categorical(steps)))
    return Pipeline([*_read(steps, at), *_shaped(steps)])


def _categorical(steps: Steps) -> Iterator[tuple[str, Any]]:
    yield "read", FunctionTransformer(reading.texts)
    if steps.fill:
        yield (
            "fill",
            SimpleImputer(
                missing_values=reading.UNKNOWN, strategy=steps.fill, fill_value=steps.constant
            ),
        )
    categories = [np.array(steps.categories, object)]
    yield (
        "encode",
        OneHotEncoder(categories=categories, handle_unknown="ignore", sparse_output=False),
    )
    if steps.choice.scaling != "minmax":
        yield "scale", StandardScaler(with_std=False)


def _read(steps: Steps, at: int) -> Iterator[tuple[str, Any]]:
    match steps.column.kind:
        case Kind.NUMBER:
            yield "read", FunctionTransformer(reading.numbers)
        case Kind.BOOLEAN:
            yield "read", FunctionTransformer(reading.truths)
        case Kind.INSTANT:
            yield "read", FunctionTransformer(reading.ages, kw_args={"at": at})
        case Kind.ORDINAL:
            yield "read", FunctionTransformer(reading.texts)
            yield (
                "encode",
                OrdinalEncoder(
                    categories=[np.array(steps.column.levels, object)],
                    handle_unknown="use_encoded_value",
                    unknown_value=np.nan,
                ),
            )


def _shaped(steps: Steps) -> Iterator[tuple[str, Any]]:
    if steps.fill:
        constant = steps.constant if steps.fill == "constant" else None
        yield (
            "fill",
            SimpleImputer(strategy=steps.fill, fill_value=constant, keep_empty_features=True),
        )
    if np.isfinite([steps.low, steps.high]).any():
        ends = {"a_min": steps.low, "a_max": steps.high}
        yield "clip", FunctionTransformer(np.clip, kw_args=ends)
    if steps.curve == "log1p":
        yield "bend", FunctionTransformer(np.log1p)
    elif steps.curve:
        yield "bend", PowerTransformer(standardize=False)
    if steps.choice.scaling == "minmax":  # which loses digits where values are far from 0
        yield "centre", StandardScaler(with_std=False)
    yield "scale", _SCALERS[str(steps.choice.scaling)]()


_SCALERS = {"z": StandardScaler, "minmax": MinMaxScaler, "robust": RobustScaler}


def features(plan: Sequence[Steps], fitted: ColumnTransformer) -> Iterator[Feature]:
    """What the fitted steps do to one person, a feature for each column that they give."""
    weighed = fitted.transformer_weights or {}
    for i, steps in enumerate(plan):
        made = fitted.named_transformers_[f"c{i}"].named_steps
        if steps.categories:
            yield from _of_category(steps, made, weighed.get(f"c{i}", 1.0))
        else:
            yield _of_number(steps, made, weighed.get(f"c{i}", 1.0))
        if steps.choice.flag_unknown:
            scaler = fitted.named_transformers_[f"u{i}"].named_steps["scale"]
            name = steps.column.name
            mean, scale = float(scaler.mean_[0]), float(scaler.scale_[0])
            yield Feature(f"{name} is {FLAG}", name, mean=mean, scale=scale, of="unknown")


def _of_number(steps: Steps, made: Any, weight: float) -> Feature:
    mean, scale = _affine(made["scale"])
    if "centre" in made:
        mean += float(made["centre"].mean_[0])
    column = steps.column
    return Feature(
        name=column.name,
        column=column.name,
        levels=column.levels if column.kind is Kind.ORDINAL else (),
        fill=float(made["fill"].statistics_[0]) if "fill" in made else None,
        low=float(steps.low) if np.isfinite(steps.low) else None,
        high=float(steps.high) if np.isfinite(steps.high) else None,
        curve=steps.curve,
        bend=float(made["bend"].lambdas_[0]) if steps.curve == "yeo-johnson" else 1.0,
        mean=mean,
        scale=scale / weight,
    )


def _affine(scaler: Any) -> tuple[float, float]:
    """Mean and scale, such that a scaler gives ``(x - mean) / scale``."""
    match scaler:
        case StandardScaler():
            return float(scaler.mean_[0]), float(scaler.scale_[0])
        case RobustScaler():
            return float(scaler.center_[0]), float(scaler.scale_[0])
    return float(scaler.data_min_[0]), float(1 / scaler.scale_[0])


def _of_category(steps: Steps, made: Any, weight: float) -> Iterator[Feature]:
    name, filled = steps.column.name, None
    if "fill" in made:
        filled = str(made["fill"].statistics_[0])
    centres: NDArray[np.float64] = np.zeros(len(steps.categories))
    if "scale" in made:
        centres = made["scale"].mean_
    for value, mean in zip(steps.categories, centres, strict=True):
        fill = None if steps.choice.missing == "drop" else float(value == filled)
        yield Feature(
            f"{name} is {value}", name, category=value, fill=fill, mean=float(mean),
            scale=1 / weight,
        )  # fmt: skip
