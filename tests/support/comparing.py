"""Answers of an engine beside those of pandas, as plain Python values that may be compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import pytest

EPOCH = pd.Timestamp(0, tz="UTC")


def plain(values: pd.Series[Any]) -> list[Any]:
    """Instants as microseconds, whole floats as integers, and anything missing as None."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = (values - EPOCH) // pd.Timedelta(microseconds=1)
    return [None if pd.isna(value) else _whole(value) for value in values.tolist()]


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def assert_equal(engine: Iterable[Any], expected: pd.Series[Any]) -> None:
    """Exactly equal; reals within 1e-9 of each other."""
    pairs = zip(engine, plain(expected), strict=True)
    wrong = [pair for pair in pairs if not _same(*pair)]
    assert not wrong, f"{expected.name}: {len(wrong)} differ, such as {wrong[:3]}"


def _same(engine: Any, expected: Any) -> bool:
    if isinstance(engine, float) and expected is not None:
        return bool(engine == pytest.approx(expected, rel=1e-9, abs=0))
    return type(engine) is type(expected) and bool(engine == expected)
