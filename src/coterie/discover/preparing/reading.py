"""What a column's values are as numbers: the first step of every pipeline."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coterie.discover.crowd import Column, Kind
from coterie.discover.prepared import Reals
from coterie.errors import WrongType

UNKNOWN = "\0unknown"
"""An unknown text; the language's texts hold no U+0000 (and NumPy drops one at the end)."""
LARGEST = 1e100
"""Numbers beyond it, either way, count as infinite: their squares and cubes would be."""
DAY = 86_400_000_000
"""Microseconds."""


def numbers(frame: pd.DataFrame) -> Reals:
    """The numbers of a frame's columns; NaN where unknown or infinite (see `LARGEST`).

    Raises
    ------
    WrongType
        A column holds something else.

    Examples
    --------
    >>> numbers(pd.DataFrame({"spend": [1.5, np.inf, None]})).ravel().tolist()
    [1.5, nan, nan]
    """
    found = np.column_stack([_floats(frame.iloc[:, i]) for i in range(frame.shape[1])])
    found[np.abs(found) > LARGEST] = np.nan
    return found


def _floats(values: pd.Series) -> Reals:
    read = pd.to_numeric(values, errors="coerce")
    other = int((read.isna() & values.notna()).sum())
    if other:
        raise WrongType(
            "a column of numbers holds something else", where=str(values.name),
            got=f"{other:,} of {len(values):,} values are no numbers", expected="numbers",
            hint="make them unknown, or let the column be a category",
        )  # fmt: skip
    return np.array(read.to_numpy(dtype=np.float64, na_value=np.nan))


def truths(frame: pd.DataFrame) -> Reals:
    """1 for true, 0 for false, NaN where unknown.

    Raises
    ------
    WrongType
        A column holds something else.
    """
    read = numbers(frame)
    other = int(np.sum(~np.isnan(read) & (read != 0) & (read != 1)))
    if other:
        raise WrongType(
            "a column of truths holds something else", where=str(frame.columns[0]),
            got=f"{other:,} of {len(frame):,} values", expected="true, false or unknown",
        )  # fmt: skip
    return read


def ages(frame: pd.DataFrame, at: int) -> Reals:
    """Whole days since each instant; NaN where unknown.

    Parameters
    ----------
    at : int
        The clock, microseconds UTC.

    Examples
    --------
    >>> frame = pd.DataFrame({"seen": pd.to_datetime(["1970-01-02T12:00Z", None])})
    >>> ages(frame, 3 * DAY).ravel().tolist()
    [1.0, nan]
    """
    return np.column_stack([_days(frame.iloc[:, i], at) for i in range(frame.shape[1])])


def _days(values: pd.Series, at: int) -> Reals:
    if not isinstance(values.dtype, pd.DatetimeTZDtype):
        raise WrongType(
            "a column of instants holds something else", where=str(values.name),
            got=str(values.dtype), expected="datetime64[us, UTC]",
        )  # fmt: skip
    micros = values.astype("datetime64[us, UTC]").astype("int64").to_numpy()
    return np.where(values.isna().to_numpy(), np.nan, (at - micros) // DAY)


def texts(frame: pd.DataFrame) -> NDArray[np.object_]:
    """The texts of a frame's columns, `UNKNOWN` where there is none."""
    found = [frame.iloc[:, i].astype("object") for i in range(frame.shape[1])]
    return np.column_stack([each.where(each.notna(), UNKNOWN).astype(str) for each in found])


def unknown(frame: pd.DataFrame) -> Reals:
    """1 where a value is unknown, or an infinite number."""
    missing = frame.isna().to_numpy()
    infinite = [_infinite(frame.iloc[:, i]) for i in range(frame.shape[1])]
    return np.asarray(missing | np.column_stack(infinite), np.float64)


def _infinite(values: pd.Series) -> NDArray[np.bool_]:
    if not pd.api.types.is_float_dtype(values):
        return np.zeros(len(values), np.bool_)
    return np.asarray(np.abs(values.to_numpy(dtype=np.float64, na_value=np.nan)) > LARGEST)


def infinite(values: pd.Series, kind: Kind) -> int:
    """How many values of a column of numbers are infinite."""
    return int(_infinite(values).sum()) if kind is Kind.NUMBER else 0


def ranks(values: NDArray[np.object_], levels: tuple[str, ...]) -> Reals:
    """Texts as 0, 1, ... in the order of `levels`; NaN for any other."""
    rank = {level: float(i) for i, level in enumerate(levels)}
    return np.array([rank.get(value, np.nan) for value in values.ravel()])


def numeric(values: pd.Series, column: Column, at: int) -> Reals:
    """One column as a line of numbers, whatever its kind; a category as NaN where unknown, else 0.

    Raises
    ------
    WrongType
        The column holds something else than its kind says.
    """
    frame = values.to_frame()
    match column.kind:
        case Kind.NUMBER:
            return numbers(frame).ravel()
        case Kind.BOOLEAN:
            return truths(frame).ravel()
        case Kind.INSTANT:
            return ages(frame, at).ravel()
        case Kind.ORDINAL:
            return ranks(texts(frame), column.levels)
    return np.where(values.isna().to_numpy(), np.nan, 0.0)
