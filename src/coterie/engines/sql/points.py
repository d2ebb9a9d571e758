"""The spine: the points (profile, offset, t) that are asked about, as one temporary table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from coterie.engines.fits import Fit, Fits

TABLE = "coterie_points"
Parameters = dict[str, Any] | None


class Position(NamedTuple):
    """Up to which log offset and which instant (microseconds UTC) is seen."""

    offset: int
    t: int


class Active(NamedTuple):
    """The versions of a fit that are active at some point: one for all, or one by column."""

    column: str | None
    versions: dict[int, Parameters]


class Points:
    """The spine, and what of it is the same for every point.

    Parameters
    ----------
    position : Position or None
        That of every point, or None where they differ: then the table has columns ``n`` and ``t``.
    fits : mapping of str to Active
        Fit key -> which version is active where.
    rows : pyarrow.Table or None
        ``id`` (the row of the spine), ``who``, and the columns above; None to render SQL only.
    """

    def __init__(
        self, position: Position | None, fits: dict[str, Active], rows: pa.Table | None = None
    ) -> None:
        self.position = position
        self.rows = rows
        self._fits = fits
        varying = [] if position else ["n", "t"]
        chosen = [active.column for active in fits.values() if active.column]
        kinds = {"id": "int64", "who": "string"} | dict.fromkeys([*varying, *chosen], "int64")
        self.table: ir.Table = ibis.table(kinds, name=TABLE)
        self.carried = [name for name in kinds if name not in ("who", "n")]
        """The columns that expressions read, after the identity of the point."""

    @property
    def timed(self) -> list[str]:
        """The columns that tell the instant of a row's point, if they differ."""
        return [] if self.position else ["t"]

    def t(self, table: ir.Table) -> Any:
        """The instant of evaluation of the rows of a table."""
        return ibis.literal(self.position.t, "int64") if self.position else table.t

    def fitted(self, table: ir.Table, key: str, apply: Callable[[Parameters], Any]) -> Any:
        """`apply` to the parameters of each version, where that version is the active one."""
        column, versions = self._fits.get(key, Active(None, {-1: None}))
        if column is None:
            return apply(next(iter(versions.values())))
        return ibis.cases(
            *((table[column] == version, apply(known)) for version, known in versions.items()),
            else_=apply(None),
        )


def points(spine: pa.Table, keys: Iterable[str], fits: Fits) -> Points:
    """The points of a spine with columns ``profile``, ``offset`` and ``t``."""
    n, t = (spine.column(name).to_numpy().astype(np.int64) for name in ("offset", "t"))
    position = Position(int(n[0]), int(t[0])) if _same(n) and _same(t) else None
    columns = {"id": np.arange(len(n)), "who": spine.column("profile").cast(pa.string())}
    columns |= {} if position else {"n": n, "t": t}
    active = {}
    for i, key in enumerate(keys):
        versions = fits.versions(key)
        chosen = _chosen(versions, n, t)
        present = [int(version) for version in np.unique(chosen)]
        column = f"fit_{i}" if len(present) > 1 else None
        active[key] = Active(column, {v: _parameters(versions, v) for v in present})
        columns |= {column: chosen} if column else {}
    return Points(position, active, pa.table(columns))


def _same(values: np.ndarray[Any, Any]) -> bool:
    return bool((values == values[0]).all())


def _chosen(
    versions: tuple[Fit, ...], n: np.ndarray[Any, Any], t: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """The index of the active version at each point, -1 for none (as :meth:`Fits.active`)."""
    chosen = np.full(len(n), -1, np.int64)
    for i, version in enumerate(versions):
        chosen[(n >= version.offset) & (t >= version.at)] = i
    return chosen


def _parameters(versions: tuple[Fit, ...], index: int) -> Parameters:
    return versions[index].parameters if index >= 0 else None
