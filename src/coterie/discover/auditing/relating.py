"""How attributes go together, and how much each tells of a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression
from sklearn.inspection import permutation_importance
from sklearn.metrics import get_scorer
from sklearn.model_selection import train_test_split
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped] # it has none

from coterie.discover.auditing.audit import Importance
from coterie.discover.crowd import Column, Kind
from coterie.discover.prepared import Reals
from coterie.discover.preparing.reading import numeric
from coterie.errors import CoterieError

SAMPLED = 20_000
"""People by whom correlation and importance are measured; drawn without replacement of more."""
LEAST = 50
"""Fewer people cannot show an importance."""
FEWEST = 5
"""A class of the target with fewer people is left out."""
SHUFFLES = 5
FREQUENT = 30
"""Values of a category that are told apart; the rarer ones count as one."""


class Told(NamedTuple):
    """What attributes tell of a target, and how well all of them together do."""

    score: float
    score_name: str
    importances: dict[str, Importance]


def read(frame: pd.DataFrame, columns: Sequence[Column], at: int) -> dict[str, Reals]:
    """Every column as numbers: categories are numbered by how frequent they are, rare ones alike.

    Of a text with many values the mutual information would be that of the names of its people.
    """
    found = {}
    for column in columns:
        series = frame[column.name]
        if column.kind is Kind.CATEGORY:
            texts = series.astype("object").where(series.notna(), None)
            rank = {v: min(i, FREQUENT) for i, v in enumerate(texts.value_counts().index)}
            found[column.name] = np.array([rank.get(value, np.nan) for value in texts], float)
        else:
            found[column.name] = numeric(series, column, at)
    return found


def strongest(
    values: Mapping[str, Reals], kinds: Mapping[str, Kind]
) -> dict[str, tuple[str, float]]:
    """For each attribute that has an order, the other with the strongest Spearman correlation."""
    names = [name for name in values if kinds[name] is not Kind.CATEGORY]
    ranks = pd.DataFrame({name: pd.Series(values[name]).rank() for name in names})
    ranks = ranks.loc[:, ranks.nunique() > 1]
    if ranks.shape[1] < 2:
        return {}
    with np.errstate(invalid="ignore", divide="ignore"):
        between = ranks.corr(min_periods=FEWEST).to_numpy(copy=True)
    np.fill_diagonal(between, np.nan)
    found = {}
    for i, name in enumerate(ranks.columns):
        if not np.isnan(between[i]).all():
            j = int(np.nanargmax(np.abs(between[i])))
            found[str(name)] = (str(ranks.columns[j]), float(between[i, j]))
    return found


def told(
    values: Mapping[str, Reals], kinds: Mapping[str, Kind], target: Reals, kind: Kind, seed: int
) -> Told:
    """How much each attribute tells of a target.

    Parameters
    ----------
    values : mapping of str to (n,) float64
        NaN where unknown.
    target : (n,) float64
        Classes as numbers, or a number; whoever's is unknown is left out.
    kind : Kind
        Of the target.

    Raises
    ------
    CoterieError
        Too few people have a target, or all have the same.

    Notes
    -----
    Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019) shares what correlated
    attributes tell between them: two that say the same may each look unimportant.
    """
    with ThreadpoolController().limit(limits=1):  # on so few rows, threads wait for each other
        return _told(values, kinds, target, kind not in (Kind.NUMBER, Kind.INSTANT), seed)


def _told(
    values: Mapping[str, Reals],
    kinds: Mapping[str, Kind],
    target: Reals,
    classes: bool,
    seed: int,
) -> Told:
    inside = _inside(target, classes, seed)
    x = np.column_stack([values[name][inside] for name in values])
    y = target[inside]
    categorical = np.array([kinds[name] is Kind.CATEGORY for name in values])
    shared = train_test_split(
        x, y, test_size=0.3, random_state=seed, stratify=y if classes else None
    )
    learn_x, test_x, learn_y, test_y = shared
    model = _model(classes, categorical, learn_x, seed).fit(learn_x, learn_y)
    scoring = _scoring(classes, y)
    score = float(get_scorer(scoring)(model, test_x, test_y))
    shuffled = permutation_importance(
        model, test_x, test_y, scoring=scoring, n_repeats=SHUFFLES, random_state=seed
    )
    bits = _information(x, y, categorical, classes, seed)
    importances = {
        name: Importance(float(bits[i]), float(shuffled.importances_mean[i]),
                         float(shuffled.importances_std[i]))
        for i, name in enumerate(values)
    }  # fmt: skip
    return Told(score, _SAID[scoring], importances)


_SAID = {
    "roc_auc": "area under the ROC curve", "balanced_accuracy": "balanced accuracy",
    "r2": "share of variance explained",
}  # fmt: skip


def _inside(target: Reals, classes: bool, seed: int) -> np.ndarray:
    known = ~np.isnan(target)
    if classes:
        kinds, counts = np.unique(target[known], return_counts=True)
        known &= np.isin(target, kinds[counts >= FEWEST])
    places = np.flatnonzero(known)
    if len(places) < LEAST or len(np.unique(target[places])) < 2:
        raise CoterieError(
            "nothing can be said of this target", where="target",
            got=f"{len(places):,} people with {len(np.unique(target[places])):,} values",
            expected=f"at least {LEAST} people, and two values that {FEWEST} people each have",
        )  # fmt: skip
    if len(places) > SAMPLED:
        places = np.random.default_rng(seed).choice(places, SAMPLED, replace=False)
    return places


def _model(classes: bool, categorical: np.ndarray, x: Reals, seed: int) -> Any:
    few = np.array([np.nanmax(x[:, i], initial=0) < 255 for i in range(x.shape[1])])
    made = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    return made(categorical_features=categorical & few, max_iter=60, random_state=seed)


def _scoring(classes: bool, y: Reals) -> str:
    if not classes:
        return "r2"
    return "roc_auc" if len(np.unique(y)) == 2 else "balanced_accuracy"


def _information(
    x: Reals, y: Reals, categorical: np.ndarray, classes: bool, seed: int
) -> np.ndarray:
    middle = np.array([np.nanmedian(c) if not np.isnan(c).all() else 0.0 for c in x.T])
    filled = np.where(np.isnan(x), np.where(categorical, -1.0, middle), x)
    discrete = categorical | np.array([len(np.unique(column)) <= 2 for column in filled.T])
    measured = mutual_info_classif if classes else mutual_info_regression
    nats = measured(filled, y, discrete_features=discrete, random_state=seed)
    return np.asarray(nats / np.log(2))
