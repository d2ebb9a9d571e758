"""A study with known clusters, made without a project: four kinds of people and six traits."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.discover.candidates import NOISE, Candidate, Shape
from coterie.discover.crowd import Column, Crowd, Kind
from coterie.discover.prepared import Feature, Prepared

AT = 1_700_000_000_000_000
DAY = 86_400_000_000
COLUMNS = (
    Column("orders", Kind.NUMBER),
    Column("spend", Kind.NUMBER, unit="GBP"),
    Column("coupons", Kind.NUMBER),
    Column("seen_at", Kind.INSTANT),
    Column("letters", Kind.BOOLEAN),
    Column("favourite", Kind.CATEGORY),
)
KINDS = (  # orders, spend, share of coupons, days since, letters, favourite
    (2.0, 40.0, 0.05, 200.0, 0.3, "Home"),
    (3.0, 60.0, 0.80, 60.0, 0.6, "Outlet"),
    (12.0, 600.0, 0.10, 15.0, 0.8, "Home"),
    (1.0, 90.0, 0.02, 120.0, 0.2, "Gifts"),
)
SHARES = (0.4, 0.3, 0.2, 0.1)


class Study(NamedTuple):
    """What distilling, explaining and splitting are given."""

    crowd: Crowd
    prepared: Prepared
    candidate: Candidate

    def only(self, kept: np.ndarray) -> Study:
        """The same where the preparation left the others out."""
        rows, old = np.flatnonzero(kept), self.prepared
        prepared = replace(
            old, matrix=old.matrix[rows], standardised=old.standardised[rows], rows=rows,
            fitted_on=old.fitted_on[rows], imputed=old.imputed[rows], raw=old.raw.iloc[rows],
        )  # fmt: skip
        return Study(
            self.crowd, prepared, replace(self.candidate, labels=self.candidate.labels[rows])
        )


def study(n: int = 2_000, seed: int = 0, *, unknown: float = 0.0, noise: float = 0.0) -> Study:
    """People of the four kinds: a part of their coupons unknown, a part of them without cluster."""
    rng = np.random.default_rng(seed)
    kind = np.sort(rng.choice(len(KINDS), n, p=SHARES))[rng.permutation(n)]
    frame = _frame(kind, unknown, rng)
    labels = np.where(rng.random(n) < noise, NOISE, kind).astype(np.int32)
    crowd = Crowd(frame, COLUMNS, AT, 1_000, "marketing")
    return Study(crowd, _prepared(frame), _candidate(frame, labels))


def _frame(kind: np.ndarray, unknown: float, rng: np.random.Generator) -> pd.DataFrame:
    n = len(kind)
    orders, spend, coupons, since, letters = np.array([row[:5] for row in KINDS])[kind].T
    favourite = np.array([row[5] for row in KINDS])[kind]
    values = {
        "orders": rng.poisson(orders).astype(float),
        "spend": np.round(spend * rng.lognormal(0, 0.2, n), 2),
        "coupons": np.round(np.clip(coupons + rng.normal(0, 0.05, n), 0, 1), 6),
        "seen_at": AT - (since * rng.lognormal(0, 0.2, n) * DAY).astype(np.int64),
        "letters": rng.random(n) < letters,
        "favourite": np.where(rng.random(n) < 0.9, favourite, "Garden"),
    }
    values["coupons"][rng.random(n) < unknown] = np.nan
    frame = pd.DataFrame(values, index=[f"person-{i:05}" for i in range(n)])
    frame["seen_at"] = pd.to_datetime(frame["seen_at"], unit="us", utc=True).astype(
        "datetime64[us, UTC]"
    )
    return frame.astype({"letters": "boolean", "favourite": "string"})


def _prepared(frame: pd.DataFrame) -> Prepared:
    features, columns = [], []
    for column in COLUMNS:
        for category in ("Gifts", "Home", "Outlet") if column.kind is Kind.CATEGORY else (None,):
            raw = _numbers(frame[column.name], column.kind, category)
            fill = float(np.nanmedian(raw)) if np.isnan(raw).any() else None
            filled = np.where(np.isnan(raw), fill or 0.0, raw)
            name = f"{column.name} is {category}" if category else column.name
            mean, scale = float(filled.mean()), float(filled.std())
            features.append(Feature(name, column.name, category, fill=fill, mean=mean, scale=scale))
            columns.append((filled - mean) / scale)
    matrix = np.ascontiguousarray(np.column_stack(columns))
    n = len(frame)
    return Prepared(
        matrix, matrix, tuple(features), None, None, np.arange(n), np.ones(n, bool),
        frame[[c.name for c in COLUMNS]].isna().to_numpy(), None, raw=frame,
    )  # fmt: skip


def _numbers(series: pd.Series, kind: Kind, category: str | None) -> np.ndarray:
    if category is not None:
        return (series == category).to_numpy(dtype=float)
    if kind is Kind.INSTANT:
        return (AT - series.to_numpy(dtype="datetime64[us]").astype(np.int64)) // DAY * 1.0
    return series.to_numpy(dtype=float, na_value=np.nan)


def _candidate(frame: pd.DataFrame, labels: np.ndarray) -> Candidate:
    prepared = _prepared(frame)
    ranked = np.argsort(-np.bincount(labels[labels != NOISE], minlength=len(KINDS)), kind="stable")
    numbers = np.where(labels == NOISE, NOISE, np.argsort(ranked)[labels]).astype(np.int32)
    centres = np.array([prepared.matrix[numbers == i].mean(axis=0) for i in range(len(KINDS))])
    return Candidate("kmeans", len(KINDS), {"k": len(KINDS)}, numbers, Shape(centres))
