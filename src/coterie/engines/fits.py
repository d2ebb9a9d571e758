"""Fitted parameters: learned from a population, versioned, applied row by row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Any

import msgspec

from coterie.language import nodes as n
from coterie.language.numbers import divide_half_away, fits
from coterie.language.types import MAX_SCALE, Type, is_exact_number, scale_of


class Fit(msgspec.Struct, frozen=True):
    """One version of the parameters of one fitted node or model.

    Parameters
    ----------
    key : str
        :meth:`coterie.language.library.Library.fit_key` of the node.
    offset : int
        Log offset of the activation; 0 for a fit that was made for one question and not stored.
    at : int
        The clock at the activation, microseconds UTC.
    parameters : dict
        ``{"value": x}``, ``{"edges": [...]}``, ``{"centroids": ...}`` or ``{"coefficients": ...}``.
    """

    key: str
    offset: int
    at: int
    parameters: dict[str, Any]


class Fits:
    """Every version of every fit; the version that a position sees is decided here alone.

    Examples
    --------
    >>> known = Fits([Fit("k", 5, 100, {"value": 1}), Fit("k", 9, 200, {"value": 2})])
    >>> known.active("k", offset=9, t=150).parameters
    {'value': 1}
    >>> known.active("k", offset=4, t=150) is None
    True
    """

    def __init__(self, versions: Iterable[Fit] = ()) -> None:
        self._by_key: dict[str, list[Fit]] = {}
        for version in sorted(versions, key=lambda f: (f.offset, f.at)):
            self._by_key.setdefault(version.key, []).append(version)

    def versions(self, key: str) -> tuple[Fit, ...]:
        """Every version of a key, oldest activation first."""
        return tuple(self._by_key.get(key, ()))

    def active(self, key: str, offset: int, t: int) -> Fit | None:
        """The last version activated at or before the position ``(offset, t)``, or None."""
        seen = [f for f in self._by_key.get(key, ()) if f.offset <= offset and f.at <= t]
        return seen[-1] if seen else None

    def plus(self, versions: Iterable[Fit]) -> Fits:
        """These and more."""
        return Fits([*(f for known in self._by_key.values() for f in known), *versions])


def fit(node: n.Population | n.QuantileRank, kind: Type, values: Sequence[Any]) -> dict[str, Any]:
    """The parameters of a population node from everyone's values.

    Parameters
    ----------
    node : Population or QuantileRank
    kind : Type
        The type of the values.
    values : sequence
        Units, reals or microseconds; nulls are left out. Over nobody every parameter is null.
    """
    known = sorted(value for value in values if value is not None)
    if isinstance(node, n.QuantileRank):
        shares = [Decimal(i) / node.n for i in range(1, node.n)]
        return {"edges": [percentile(known, q) for q in shares] if known else []}
    return {"value": _statistic(node, kind, known) if known else None}


def percentile(ordered: Sequence[Any], q: Decimal) -> Any:
    """The discrete percentile: the first of the ordered values with at least `q` of all up to it.

    Notes
    -----
    ``PERCENTILE_DISC`` of the SQL standard (ISO/IEC 9075-2).

    Examples
    --------
    >>> percentile([1, 2, 3, 6], Decimal("0.5"))
    2
    """
    rank = int((q * len(ordered)).to_integral_value(ROUND_CEILING))
    return ordered[max(rank, 1) - 1]


def _statistic(node: n.Population, kind: Type, known: list[Any]) -> Any:
    match node.statistic:
        case "min":
            return known[0]
        case "max":
            return known[-1]
        case "mean" if is_exact_number(kind):
            up = 10 ** (MAX_SCALE - scale_of(kind))
            return fits(divide_half_away(sum(known) * up, len(known)))
        case "mean":
            return math.fsum(known) / len(known)
        case "stddev":
            return _stddev([value / 10 ** scale_of(kind) for value in known])
        case "quantile":
            assert node.q is not None
            return percentile(known, node.q)


def _stddev(values: list[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((v - mean) ** 2 for v in values) / len(values))
