"""The questions that rules may ask: each is one trait as a column of numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from coterie.discover.crowd import Column, Crowd, Kind
from coterie.discover.distilling.conditions import Condition, measured
from coterie.discover.prepared import Feature, Prepared, Reals

MOST_VALUES = 20
"""Of a text the values that rules may ask for, the most frequent first."""


@dataclass(frozen=True)
class Question:
    """Whether a trait lies below a number, or is a text.

    Parameters
    ----------
    column : Column
    category : str
        For a text the value asked for: 1 where it is this one, else 0.
    other : str
        The one other value that a text has; empty where it has several.
    fill : float or None
        What the preparation put where the value is unknown, in the numbers of `values`.
    learned : bool
        Without a `fill`: whether the side of unknown values is learned from the people
        (neighbours or regressions filled them), or neither side holds for them.
    """

    column: Column
    category: str = ""
    other: str = ""
    fill: float | None = None
    learned: bool = False

    def values(self, frame: pd.DataFrame, at: int) -> Reals:
        """The column as numbers, unknown as NaN unless the preparation filled it."""
        found = self._raw(frame[self.column.name], at)
        return found if self.fill is None else np.where(np.isnan(found), self.fill, found)

    def _raw(self, series: pd.Series, at: int) -> Reals:
        match self.column.kind:
            case Kind.CATEGORY:
                asked = (series == self.category).to_numpy(dtype=np.float64, na_value=np.nan)
                return np.where(series.isna().to_numpy(), np.nan, asked)
            case Kind.ORDINAL:
                ranks = {level: float(i) for i, level in enumerate(self.column.levels)}
                return np.asarray(series.map(ranks).to_numpy(dtype=np.float64, na_value=np.nan))
            case kind:
                return measured(series, kind, at)

    def below(self, threshold: Decimal, unknown: bool) -> Condition:
        """The condition of the left side: ``value < threshold``."""
        return self._condition(None, threshold, unknown)

    def above(self, threshold: Decimal, unknown: bool) -> Condition:
        """The condition of the right side: ``value >= threshold``."""
        return self._condition(threshold, None, unknown)

    def _condition(self, low: Decimal | None, high: Decimal | None, unknown: bool) -> Condition:
        name, kind = self.column.name, self.column.kind
        if kind is Kind.CATEGORY:
            asked = self.category if low is not None else self.other
            if asked:
                return Condition(name, kind, among=(asked,), unknown=unknown)
            return Condition(name, kind, beside=(self.category,), unknown=unknown)
        if kind is Kind.ORDINAL:
            levels = enumerate(self.column.levels)
            inside = tuple(x for i, x in levels if (i >= low if low is not None else i < high))  # type: ignore[operator]
            return Condition(name, kind, among=inside, unknown=unknown)
        return Condition(name, kind, low, high, unknown=unknown)


def questions(crowd: Crowd, prepared: Prepared) -> tuple[Question, ...]:
    """What may be asked of the traits that the clusters were made of."""
    made_of = {feature.column for feature in prepared.features}
    asked = [column for column in crowd.columns if not made_of or column.name in made_of]
    return tuple(question for column in asked for question in _of(column, prepared))


def _of(column: Column, prepared: Prepared) -> Iterator[Question]:
    features = [each for each in prepared.features if each.column == column.name]
    learned = not prepared.rowwise
    if column.kind is Kind.CATEGORY:
        common = prepared.raw[column.name].value_counts().index.astype(str).tolist()
        for i, value in enumerate(common[:MOST_VALUES]):
            other = common[1 - i] if len(common) == 2 else ""
            yield Question(column, value, other, _fill(features, value) or 0.0)
    else:
        fill = column.nothing if column.nothing is not None else _fill(features, None)
        yield Question(column, fill=fill, learned=learned and fill is None)


def _fill(features: list[Feature], category: str | None) -> float | None:
    of_value = (f for f in features if f.of == "value" and f.category == category)
    return next((f.fill for f in of_value), None)
