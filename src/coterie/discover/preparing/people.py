"""Which columns can tell groups apart, and which people are known well enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coterie.discover.crowd import Column, Crowd, Kind
from coterie.discover.prepared import Note, Reals
from coterie.discover.preparing.recipe import Recipe
from coterie.errors import CoterieError


def useful(
    columns: Sequence[Column], frame: pd.DataFrame, values: Mapping[str, Reals], recipe: Recipe
) -> tuple[list[Column], list[Note]]:
    """The columns that can tell groups apart, and why not the others."""
    kept, notes = [], []
    for column in columns:
        why, count = _useless(column, frame[column.name], values[column.name], recipe)
        if why:
            notes.append(Note("types", f"left out: {why}", column.name, count))
        else:
            kept.append(column)
    return kept, notes


def _useless(column: Column, series: pd.Series, values: Reals, recipe: Recipe) -> tuple[str, int]:
    """Why a column is left out, with how many people or values; empty where it is not."""
    choice, n = recipe.of(column.name), len(values)
    unknown = int(np.isnan(values).sum())
    if not choice.use:
        return "so chosen", 0
    if unknown == n:
        return "unknown for everybody", n
    filled = choice.missing != "drop" and column.name not in recipe.critical
    if filled and column.nothing is None and unknown > recipe.most_imputed * n:
        most = f"at most {recipe.most_imputed:.0%} may be filled"
        return f"{unknown / n:.1%} unknown, and {most}", unknown
    distinct, others = _spread(column, series, values)
    if column.nothing is not None and unknown:
        distinct, others = distinct + 1, others + unknown
    if distinct < 2:
        return "the same for everybody", n
    if column.kind is Kind.CATEGORY and distinct > recipe.most_categories:
        most = f"at most {recipe.most_categories:,} have features"
        return f"{distinct:,} different values, and {most}", distinct
    if others < recipe.rarest * n:
        return f"nearly the same for everybody: {others:,} of {n:,} differ", others
    return "", 0


def _spread(column: Column, series: pd.Series, values: Reals) -> tuple[int, int]:
    """How many different known values there are, and how many people have not the commonest."""
    if column.kind is Kind.CATEGORY:
        counts = series.dropna().astype(str).value_counts().to_numpy()
    else:
        _, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    return len(counts), int(counts.sum() - counts.max()) if len(counts) else 0


def present(
    columns: Sequence[Column], values: Mapping[str, Reals], recipe: Recipe, n: int
) -> tuple[NDArray[np.int64], list[Note]]:
    """The positions of the people who are in, and how many are left out by which rule."""
    inside, notes = np.ones(n, np.bool_), []
    for column in columns:
        if column.name in recipe.critical or recipe.of(column.name).missing == "drop":
            lacking = np.isnan(values[column.name])
            if lacking.any():
                said = f"{int(lacking.sum()):,} people left out: a critical value is unknown"
                notes.append(Note("people", said, column.name, int(lacking.sum())))
            inside &= ~lacking
    guessed = [column for column in columns if column.nothing is None]
    if guessed:
        unknown = np.mean([np.isnan(values[column.name]) for column in guessed], axis=0)
        sparse = inside & (unknown > recipe.most_unknown)
        if sparse.any():
            said = (
                f"{int(sparse.sum()):,} people left out: more than "
                f"{recipe.most_unknown:.0%} of their columns are unknown"
            )
            notes.append(Note("people", said, "", int(sparse.sum())))
        inside &= ~sparse
    return np.flatnonzero(inside), notes


def enough(crowd: Crowd, count: int, recipe: Recipe, notes: Sequence[Note]) -> None:
    """Refuse a crowd that is none.

    Raises
    ------
    CoterieError
        With who was left out.
    """
    if count < recipe.least_people:
        why = "; ".join(f"{note.column}: {note.said}".removeprefix(": ") for note in notes)
        raise CoterieError(
            "there are too few people for groups among them", where=why,
            got=f"{count:,} of {len(crowd):,} people", expected=f"at least {recipe.least_people:,}",
            hint="ask more people, or lower least_people in the recipe",
        )  # fmt: skip


def some(columns: Sequence[object], notes: Sequence[Note]) -> None:
    """Refuse a crowd without a column.

    Raises
    ------
    CoterieError
        With why each column was left out.
    """
    if not columns:
        why = "; ".join(f"{note.column}: {note.said.removeprefix('left out: ')}" for note in notes
                        if note.step == "types" and note.column)  # fmt: skip
        raise CoterieError(
            "no column is left that could tell groups apart", where=why,
            expected="a column whose values differ between people, known for most of them",
            hint="name other traits, or allow more in the recipe",
        )  # fmt: skip
