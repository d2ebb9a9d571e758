"""One condition of a rule: what it asks of a trait, of a table's rows and in the trait language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coterie.discover.crowd import Kind
from coterie.discover.prepared import Reals
from coterie.language import nodes as n

Flags = NDArray[np.bool_]
DAY = 86_400_000_000


@dataclass(frozen=True)
class Condition:
    """What a rule asks of one trait.

    Parameters
    ----------
    column : str
        The trait.
    kind : Kind
    low, high : Decimal or None
        Holds in ``[low, high)``. Of an instant these are days of age, of a boolean 0 and 1.
    among : tuple of str or None
        Of a text, the values for which it holds.
    beside : tuple of str
        Of a text, the values for which it does not.
    unknown : bool
        Whether it holds of somebody whose value is unknown.
    """

    column: str
    kind: Kind
    low: Decimal | None = None
    high: Decimal | None = None
    among: tuple[str, ...] | None = None
    beside: tuple[str, ...] = ()
    unknown: bool = False

    def holds(self, frame: pd.DataFrame, at: int) -> Flags:
        """For each row of a crowd's frame, whether the condition holds at the clock `at`."""
        known = frame[self.column].notna().to_numpy(dtype=bool)
        return np.where(known, self._holds(frame[self.column], at), self.unknown)

    def _holds(self, column: pd.Series, at: int) -> Flags:
        if self.kind in (Kind.CATEGORY, Kind.ORDINAL):
            inside = (
                column.isin(self.among) if self.among is not None else ~column.isin(self.beside)
            )
            return inside.to_numpy(dtype=bool)
        values = measured(column, self.kind, at)
        above = values >= float(self.low) if self.low is not None else np.True_
        below = values < float(self.high) if self.high is not None else np.True_
        return np.asarray(above & below)

    def expression(self) -> n.Expr:
        """The same as a predicate of the trait language, true for the same people."""
        trait = n.Ref(self.column)
        said = self._bounds(trait) if self.among is None and not self.beside else self._texts(trait)
        return n.Or((said, n.Not(n.Known(trait)))) if self.unknown else said

    def _texts(self, trait: n.Ref) -> n.Expr:
        if self.among is not None:
            return _one_of(trait, self.among)
        return n.Not(_one_of(trait, self.beside))

    def _bounds(self, trait: n.Ref) -> n.Expr:
        if self.kind is Kind.BOOLEAN:
            return trait if self.low is not None else n.Not(trait)
        value = n.Age(trait) if self.kind is Kind.INSTANT else trait
        bounds = ((">=", self.low), ("<", self.high))
        parts = [
            n.Compare(op, value, self._constant(bound))  # type: ignore[arg-type]
            for op, bound in bounds
            if bound is not None
        ]
        return parts[0] if len(parts) == 1 else n.And(tuple(parts))

    def _constant(self, bound: Decimal) -> n.Expr:
        if self.kind is Kind.INSTANT:
            return n.Length(timedelta(microseconds=int(bound * DAY)))
        return n.Number(bound)


def measured(column: pd.Series, kind: Kind, at: int) -> Reals:
    """The values of a column as numbers: of instants the age in days at `at`; unknown is NaN."""
    if kind is not Kind.INSTANT:
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    instants = column.to_numpy(dtype="datetime64[us]")
    days: Reals = (at - instants.astype(np.int64)) / DAY
    return np.where(np.isnat(instants), np.nan, days)


def met(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Conditions that hold together, those about one trait made one."""
    found: dict[str, Condition] = {}
    for each in conditions:
        found[each.column] = _both(found[each.column], each) if each.column in found else each
    return tuple(found.values())


def _both(a: Condition, b: Condition) -> Condition:
    among = [each.among for each in (a, b) if each.among is not None]
    beside = tuple(dict.fromkeys((*a.beside, *b.beside)))
    return replace(
        a,
        low=max((x for x in (a.low, b.low) if x is not None), default=None),
        high=min((x for x in (a.high, b.high) if x is not None), default=None),
        among=_common(among, beside) if among else None,
        beside=() if among else beside,
        unknown=a.unknown and b.unknown,
    )


def _common(among: list[tuple[str, ...]], beside: tuple[str, ...]) -> tuple[str, ...]:
    kept = reduce(lambda a, b: tuple(x for x in a if x in b), among)
    return tuple(x for x in kept if x not in beside)


def _one_of(trait: n.Ref, texts: tuple[str, ...]) -> n.Expr:
    if len(texts) == 1:
        return n.Compare("==", trait, n.Words(texts[0]))
    return n.IsIn(trait, tuple(n.Words(text) for text in texts))
