"""Crowds for the tests: one with every kind of column and trouble, and any that there may be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from coterie.discover.crowd import Column, Crowd, Kind
from coterie.discover.preparing import Choice, Recipe

AT = 1_700_000_000_000_000
DAY = 86_400_000_000
LEVELS = ("Bronze", "Silver", "Gold")


def crowd(frame: pd.DataFrame, *columns: Column) -> Crowd:
    """A crowd of these columns; those that are not described are numbers."""
    described = {column.name: column for column in columns}
    found = tuple(described.get(name, Column(name, Kind.NUMBER)) for name in frame.columns)
    return Crowd(frame, found, at=AT, offset=0, purpose="analytics")


def numbers(**columns: Any) -> Crowd:
    """A crowd of numbers."""
    return crowd(pd.DataFrame({name: np.asarray(v, float) for name, v in columns.items()}))


def mixed(n: int = 600, seed: int = 0) -> Crowd:
    """Every kind of column, each with something wrong."""
    rng = np.random.default_rng(seed)
    spend = np.where(rng.random(n) < 0.1, np.nan, rng.lognormal(3, 1.2, n))
    orders = rng.poisson(3, n).astype(float)
    orders[4] = np.inf
    frame = pd.DataFrame(
        {
            "spend": spend,
            "change": rng.normal(0, 1, n) ** 3,
            "orders": orders,
            "total": np.where(rng.random(n) < 0.1, np.nan, rng.gamma(2, 30, n)),
            "vip": pd.array(rng.random(n) < 0.3, dtype="boolean"),
            "favourite": _texts(rng, n, ["gifts", "books", "rare"], [0.6, 0.399, 0.001]),
            "tier": _texts(rng, n, LEVELS, [0.5, 0.3, 0.2]),
            "seen": pd.to_datetime(AT - rng.integers(0, 400 * DAY, n), unit="us", utc=True),
        }
    )
    frame["seen"] = frame["seen"].astype("datetime64[us, UTC]")
    for row, name in enumerate(("vip", "favourite", "tier", "seen")):
        frame.loc[frame.index[row], name] = pd.NA if name != "seen" else pd.NaT
    return crowd(
        frame,
        Column("total", Kind.NUMBER, nothing=0.0),
        Column("vip", Kind.BOOLEAN),
        Column("favourite", Kind.CATEGORY),
        Column("tier", Kind.ORDINAL, LEVELS),
        Column("seen", Kind.INSTANT),
    )


def _texts(rng: np.random.Generator, n: int, values: Any, shares: Any) -> Any:
    return pd.array(rng.choice(np.array(values), n, p=shares), dtype="string")


# --- any crowd, any recipe ------------------------------------------------------------------

reals = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3))


@st.composite
def crowds(draw: st.DrawFn, n: int = 40) -> Crowd:
    """Forty people with a few columns of any kind, unknowns and far values among them."""
    frame: dict[str, Any] = {}
    columns = []
    for i in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(list(Kind)))
        name = f"x{i}"
        frame[name] = draw(values(kind, n))
        columns.append(
            Column(
                name,
                kind,
                LEVELS if kind is Kind.ORDINAL else (),
                nothing=0.0 if kind is Kind.NUMBER and draw(st.booleans()) else None,
            )
        )
    return crowd(pd.DataFrame(frame), *columns)


@st.composite
def values(draw: st.DrawFn, kind: Kind, n: int) -> pd.Series:
    """One column of a kind."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    unknown = rng.random(n) < draw(st.sampled_from([0.0, 0.1, 0.3]))
    match kind:
        case Kind.NUMBER:
            spread = draw(st.sampled_from(["normal", "lognormal", "poisson", "cube"]))
            found = {
                "normal": rng.normal(5, 2, n),
                "lognormal": rng.lognormal(2, 1.5, n),
                "poisson": rng.poisson(1, n).astype(float),
                "cube": rng.normal(0, 2, n) ** 3,
            }[spread]
            found[rng.integers(n)] = draw(reals)
            return pd.Series(np.where(unknown, np.nan, found))
        case Kind.BOOLEAN:
            return pd.Series(pd.array(rng.random(n) < 0.4, dtype="boolean")).mask(unknown)
        case Kind.INSTANT:
            at = pd.Series(pd.to_datetime(AT - rng.integers(0, 900 * DAY, n), unit="us", utc=True))
            return at.astype("datetime64[us, UTC]").mask(unknown)
    return pd.Series(pd.array(rng.choice(np.array(LEVELS), n), dtype="string")).mask(unknown)


def recipes() -> st.SearchStrategy[Recipe]:
    """Recipes that can be applied to one person at a time."""
    return st.builds(
        Recipe,
        missing=st.sampled_from(["auto", "mean", "median", "mode"]),
        outliers=st.sampled_from(["robust-z", "iqr", "isolation-forest", "none"]),
        action=st.sampled_from(["clip", "keep", "set-aside"]),
        curve=st.sampled_from(["auto", "log1p", "yeo-johnson", "none"]),
        scaling=st.sampled_from(["z", "minmax", "robust"]),
        columns=st.just({}),
        components=st.sampled_from([None, 0.8, 1.0]),
        correlated=st.sampled_from([None, 0.9]),
        least_people=st.just(10),
    )


def choices() -> st.SearchStrategy[Choice]:
    """What one column may have otherwise."""
    return st.builds(
        Choice,
        weight=st.sampled_from([0.5, 1.0, 3.0]),
        flag_unknown=st.booleans(),
        scaling=st.sampled_from([None, "z", "robust"]),
    )
