"""Unknowns filled from a person's other values: by neighbours or regressions, by which is best."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - it makes the next exist
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer

from coterie.discover.crowd import Column, Kind
from coterie.discover.prepared import Feature, Note, Reals
from coterie.discover.preparing.judging import Steps
from coterie.discover.preparing.recipe import JOINT, Choice, Missing, Recipe

DRAWS = 5
"""Imputations by which the uncertainty of one is known (Rubin 1987)."""
DONORS = 5_000
"""People among whom neighbours are looked for, and by whom regressions are fitted, at most."""
HIDDEN = 0.1
"""Share of the known values that is hidden to try a way of filling."""
BETTER = 0.95
"""Another way than the median must have at most this share of its error."""


def joint(plan: Sequence[Steps]) -> str:
    """``knn`` or ``iterative`` where a column is filled so; else empty."""
    ways = {str(s.choice.missing) for s in plan if not s.categories and not s.fill}
    return next(iter(sorted(ways & set(JOINT))), "")


def _imputer(way: str, seed: int, *, draw: bool = False) -> Any:
    if way == "knn":
        return KNNImputer(keep_empty_features=True)
    return IterativeImputer(random_state=seed, sample_posterior=draw, keep_empty_features=True)


def _fit(imputer: Any, points: Reals) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # ten rounds are scikit-learn's default
        return imputer.fit(points)


def donors(points: Reals, seed: int) -> Reals:
    """At most `DONORS` of the rows, drawn without replacement."""
    if len(points) <= DONORS:
        return points
    return points[np.random.default_rng(seed).choice(len(points), DONORS, replace=False)]


def fitted(
    points: Reals, features: Sequence[Feature], way: str, seed: int
) -> tuple[Any, list[Note]]:
    """A fitted imputer of standardised points, and how sure it is.

    Notes
    -----
    Regressions are drawn from their posterior five times; how much the draws differ, as a share of
    the column's variance, is the part of the variance that the missing values add (Rubin 1987).
    """
    some = donors(points, seed)
    filler = _fit(_imputer(way, seed), some)
    if way == "knn":
        said = f"neighbours are looked for among {len(some):,} people"
        return filler, [Note("missing", said, "", len(some))]
    return filler, _between(some, features, seed)


def _between(points: Reals, features: Sequence[Feature], seed: int) -> list[Note]:
    empty = np.isnan(points)
    drawn = imputations(points, DRAWS, seed)
    between = np.stack(drawn).var(axis=0, ddof=1)
    notes = []
    for j in map(int, np.flatnonzero(empty.any(axis=0))):
        share = between[empty[:, j], j].mean() / max(np.nanvar(points[:, j]), 1e-12)
        said = f"{DRAWS} imputations differ by {share:.1%} of the column's variance"
        notes.append(Note("missing", said, features[j].name, int(empty[:, j].sum())))
    return notes


def imputations(points: Reals, draws: int, seed: int) -> list[Reals]:
    """Several matrices whose unknowns are drawn from regressions on the other columns.

    Parameters
    ----------
    points : (n, p) float64
        Standardised; NaN where unknown.
    draws : int
    seed : int
        The i-th draw has ``seed + i``.

    Notes
    -----
    Multiple imputation by chained equations (van Buuren 2011): what is estimated on each of them
    and averaged carries the uncertainty of the missing values.
    """
    found = []
    for i in range(draws):
        imputer = _fit(_imputer("iterative", seed + i, draw=True), points)
        found.append(np.asarray(imputer.transform(points), np.float64))
    return found


def tried(
    recipe: Recipe, columns: Sequence[Column], values: Mapping[str, Reals], seed: int
) -> tuple[Recipe, list[Note]]:
    """The recipe with the best way to fill unknown numbers, where it asks for the best.

    Notes
    -----
    A tenth of the known values is hidden, and the root mean squared error of each way is taken over
    them in standard deviations. The median stands unless another way is 5 % better.
    """
    asked = [c for c in columns if recipe.of(c.name).missing == "auto-best" and _guessed(c)]
    if not asked:
        return recipe, []
    points = np.column_stack([values[column.name] for column in asked])
    if not np.isnan(points).any():
        return _with(recipe, asked, "auto"), []
    errors = _errors(_standard(donors(points, seed)), seed)
    best = min(errors, key=lambda way: errors[way])
    if errors[best] > BETTER * errors["median"]:
        best = "median"
    figures = ", ".join(f"{way} {error:.3f}" for way, error in errors.items())
    said = f"hidden values were found best by {best} (errors in standard deviations: {figures})"
    return _with(recipe, asked, best), [Note("missing", said)]


def _guessed(column: Column) -> bool:
    return column.kind in (Kind.NUMBER, Kind.INSTANT) and column.nothing is None


def _with(recipe: Recipe, columns: Sequence[Column], way: Missing) -> Recipe:
    own = {
        column.name: msgspec.structs.replace(recipe.columns.get(column.name, Choice()), missing=way)
        for column in columns
    }
    return msgspec.structs.replace(
        recipe,
        missing="auto" if recipe.missing == "auto-best" else recipe.missing,
        columns=recipe.columns | own,
    )


def _standard(points: Reals) -> Reals:
    scale = np.nanstd(points, axis=0)
    return np.asarray((points - np.nanmean(points, axis=0)) / np.where(scale > 0, scale, 1.0))


def _errors(points: Reals, seed: int) -> dict[Missing, float]:
    known = ~np.isnan(points)
    hide = known & (np.random.default_rng(seed).random(points.shape) < HIDDEN)
    seen = np.where(hide, np.nan, points)
    ways: dict[Missing, Any] = {
        "median": SimpleImputer(strategy="median", keep_empty_features=True),
        "mean": SimpleImputer(strategy="mean", keep_empty_features=True),
        "knn": _imputer("knn", seed),
        "iterative": _imputer("iterative", seed),
    }
    found: dict[Missing, float] = {}
    for name, imputer in ways.items():
        filled = _fit(imputer, seen).transform(seen)
        found[name] = float(np.sqrt(np.mean((filled[hide] - points[hide]) ** 2)))
    return found
