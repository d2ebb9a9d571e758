"""What is done with each column, decided from its values and the recipe, and said."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coterie.discover.crowd import Column, Kind
from coterie.discover.prepared import Note, Reals
from coterie.discover.preparing import outliers, skew
from coterie.discover.preparing.reading import UNKNOWN, infinite, texts
from coterie.discover.preparing.recipe import JOINT, Choice, Recipe

SYMMETRIC = 0.5
"""Up to this absolute skewness an unknown number has the mean, beyond it the median."""
OUTERMOST = 0.01
"""The share of the values that are outliers where more than `most_outliers` would be."""
STRATEGIES = {"mean": "mean", "median": "median", "mode": "most_frequent", "constant": "constant"}
MEASURED = (Kind.NUMBER, Kind.INSTANT)
"""Kinds that have outliers and skew."""


@dataclass(frozen=True)
class Steps:
    """What is done with one column.

    Parameters
    ----------
    column : Column
    choice : Choice
        Every choice filled in.
    fill : str
        scikit-learn's name of a strategy; ``""`` where unknowns are left to another step.
    constant : float or str or None
        With the strategy ``constant``.
    low, high : float
        Values are clipped to these; infinite where they are not.
    curve : str
    categories : tuple of str
        Of a category, those with a feature of their own.
    outside : (n,) bool
        Whose value is an outlier.
    """

    column: Column
    choice: Choice
    fill: str = ""
    constant: float | str | None = None
    low: float = -np.inf
    high: float = np.inf
    curve: str = ""
    categories: tuple[str, ...] = ()
    outside: NDArray[np.bool_] = dataclasses.field(default_factory=lambda: np.zeros(0, np.bool_))


def judged(
    column: Column, series: pd.Series, values: Reals, recipe: Recipe
) -> tuple[Steps, list[Note]]:
    """What is done with a column that is used, and why.

    Parameters
    ----------
    series : pandas.Series
        The column of the people who are in.
    values : (n,) float64
        The same as numbers.
    """
    choice = recipe.of(column.name)
    if column.kind is Kind.CATEGORY:
        return _category(column, series, choice, recipe)
    steps = Steps(column, choice, outside=np.zeros(len(values), np.bool_))
    notes = [*_strangers(column, series, values)]
    if column.kind in MEASURED:
        steps, more = _shape(steps, values, recipe)
        notes += more
    steps = _filled(steps, values, column.name in recipe.columns and _own(recipe, column.name))
    notes += _said_missing(steps, values)
    return steps, notes


def _own(recipe: Recipe, name: str) -> bool:
    return recipe.columns[name].missing is not None


def infinities(columns: Sequence[Column], frame: pd.DataFrame) -> Iterator[Note]:
    """What columns hold that is beyond any measure."""
    for column in columns:
        count = infinite(frame[column.name], column.kind)
        if count:
            said = f"infinite values are taken as unknown: {count:,}"
            yield Note("types", said, column.name, count)


def _strangers(column: Column, series: pd.Series, values: Reals) -> Iterator[Note]:
    count = int((np.isnan(values) & series.notna().to_numpy()).sum())
    if column.kind is Kind.ORDINAL and count:
        said = f"{count:,} values are none of the levels, and taken as unknown"
        yield Note("types", said, column.name, count)


def _shape(steps: Steps, values: Reals, recipe: Recipe) -> tuple[Steps, list[Note]]:
    """Outliers and skew, which are judged together: what a curve straightens is no outlier."""
    name, choice, notes = steps.column.name, steps.choice, []
    assert choice.curve is not None
    assert choice.outliers is not None
    curve = skew.chosen(values, choice.curve, recipe.skewed)
    if curve:
        said = f"skewness {skew.skewness(values):.1f}: bent by {_CURVES[curve]}"
        notes.append(Note("skew", said, name))
    low, high = skew.unbent_limits(values, curve, choice.outliers, recipe.limit)
    outside = (values < low) | (values > high)
    if outside.mean() > recipe.most_outliers:
        said = f"{outside.mean():.1%} by {choice.outliers}: heavy tails, so only the outermost 1 %"
        notes.append(Note("outliers", said, name))
        low, high = outliers.ends(values, OUTERMOST)
        outside = (values < low) | (values > high)
    steps = dataclasses.replace(steps, curve=curve, outside=outside)
    if outside.any():
        notes.append(_said_outliers(steps))
    if choice.action == "clip":
        steps = dataclasses.replace(steps, low=low, high=high)
    if curve == "log1p":  # a later value below 0 has no logarithm
        steps = dataclasses.replace(steps, low=max(steps.low, 0.0))
    return steps, notes


_CURVES = {"log1p": "log(1 + x)", "yeo-johnson": "Yeo-Johnson"}
_DONE = {"clip": "clipped to the limit", "keep": "kept", "set-aside": "set aside with their people"}


def _said_outliers(steps: Steps) -> Note:
    assert steps.choice.action is not None
    count = int(steps.outside.sum())
    after = " of the bent values" if steps.curve else ""
    said = f"{count:,} outliers by {steps.choice.outliers}{after}, {_DONE[steps.choice.action]}"
    return Note("outliers", said, steps.column.name, count)


def _filled(steps: Steps, values: Reals, own: bool) -> Steps:
    """How unknowns are filled; `own` where the column's own choice says it."""
    column, missing, replace = steps.column, steps.choice.missing, dataclasses.replace
    if column.nothing is not None and not own:
        return replace(steps, fill="constant", constant=column.nothing)
    if missing in (*JOINT, "drop"):
        return steps
    if missing == "constant":
        given = steps.choice.constant
        rank = float(column.levels.index(given)) if isinstance(given, str) else given
        return replace(steps, fill="constant", constant=rank)
    assert missing is not None
    return replace(steps, fill=STRATEGIES.get(missing) or _usual(column.kind, values))


def _usual(kind: Kind, values: Reals) -> str:
    if kind in (Kind.BOOLEAN, Kind.ORDINAL):
        return "most_frequent"
    return "mean" if abs(skew.skewness(values)) <= SYMMETRIC else "median"


_FILLS = {
    "mean": "the mean", "median": "the median", "most_frequent": "the most frequent value",
    "knn": "the mean of the nearest neighbours", "iterative": "a regression on the other columns",
}  # fmt: skip


def _said_missing(steps: Steps, values: Reals) -> Iterator[Note]:
    count = int(np.isnan(values).sum())
    if not count:
        return
    if steps.fill == "constant":
        filled = f"{steps.constant:g}"
        if steps.column.nothing is not None and steps.constant == steps.column.nothing:
            filled += ", for nothing occurred"
    else:
        filled = _FILLS[steps.fill or str(steps.choice.missing)]
    said = f"{count:,} unknown ({count / len(values):.1%}), filled with {filled}"
    yield Note("missing", said, steps.column.name, count)


def _category(
    column: Column, series: pd.Series, choice: Choice, recipe: Recipe
) -> tuple[Steps, list[Note]]:
    counts = series.dropna().astype(str).value_counts()
    floor = max(1.0, recipe.rarest * len(series))
    kept = tuple(sorted(str(value) for value in counts[counts >= floor].index))
    notes = [Note("encoding", f"one feature for each of {len(kept):,} values", column.name)]
    rare = int(counts[counts < floor].sum())
    if rare:
        said = f"{len(counts) - len(kept):,} rare, together {rare:,} people: none of the others"
        notes.append(Note("encoding", said, column.name, rare))
    steps = Steps(column, choice, categories=kept, outside=np.zeros(len(series), np.bool_))
    if choice.missing in STRATEGIES:
        fill = "constant" if choice.missing == "constant" else "most_frequent"
        steps = dataclasses.replace(steps, fill=fill, constant=choice.constant)
    unknown = int((texts(series.to_frame()) == UNKNOWN).sum())
    if unknown:
        filled = _CATEGORY_FILLS[steps.fill]
        said = f"{unknown:,} unknown ({unknown / len(series):.1%}), {filled}"
        notes.append(Note("missing", said, column.name, unknown))
    return steps, notes


_CATEGORY_FILLS = {
    "": "none of the values",
    "constant": "filled with the value chosen",
    "most_frequent": "filled with the most frequent",
}
