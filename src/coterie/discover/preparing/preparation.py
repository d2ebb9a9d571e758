"""From a crowd to a matrix: the whole preparation, step by step."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline

from coterie.discover.crowd import Column, Crowd, Kind
from coterie.discover.prepared import Note, Prepared, Reals
from coterie.discover.preparing import building, imputing, outliers, people
from coterie.discover.preparing.correlated import redundant
from coterie.discover.preparing.judging import Steps, infinities, judged
from coterie.discover.preparing.reading import numeric
from coterie.discover.preparing.recipe import JOINT, Recipe
from coterie.errors import CoterieError


def prepare(crowd: Crowd, recipe: Recipe = Recipe(), *, seed: int = 0) -> Prepared:  # noqa: B008
    """A crowd as points, with how each coordinate came to be.

    Parameters
    ----------
    crowd : Crowd
    recipe : Recipe
        By default everything is chosen by the data, and can be applied to one person live.
    seed : int
        Of the isolation forest, of samples, and of hidden cells.

    Returns
    -------
    Prepared

    Raises
    ------
    CoterieError
        Too few people, or no column that differs between them, with why each was left out.
    UnknownName
        The recipe speaks of a column that is not there.
    WrongType
        A column holds something else than its kind says, such as text among numbers.

    Notes
    -----
    Unknown and infinite values are filled or left out by the recipe, constant and nearly constant
    columns are left out, and each of it is one of the notes. Scalers and curves are fitted on the
    people who are not set aside.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"orders": [1.0, 2.0, None, 3.0] * 5, "visits": range(20)})
    >>> columns = (Column("orders", Kind.NUMBER), Column("visits", Kind.NUMBER))
    >>> prepared = prepare(Crowd(frame, columns, at=0, offset=0, purpose="analytics"))
    >>> prepared.matrix.shape, prepared.features[0].fill, prepared.notes[0].said
    ((20, 2), 2.0, '5 unknown (25.0%), filled with the mean')
    """
    recipe.check(crowd)
    people.enough(crowd, len(crowd), recipe, ())
    columns = [_levelled(column, recipe) for column in crowd.columns]
    values = {one.name: numeric(crowd.frame[one.name], one, crowd.at) for one in columns}
    used, notes = people.useful(columns, crowd.frame, values, recipe)
    people.some(used, notes)
    notes += infinities(used, crowd.frame)
    rows, more = people.present(used, values, recipe, len(crowd))
    notes += more
    people.enough(crowd, len(rows), recipe, more)
    raw = crowd.frame.iloc[rows]
    values = {name: each[rows] for name, each in values.items()}
    if more:  # what differed may be the same for those who are left
        used, lost = people.useful(used, raw, values, recipe)
        notes += lost
        people.some(used, notes)
    work = _Work(crowd, recipe, seed, raw, values, notes)
    return work.prepared(used, rows)


def _levelled(column: Column, recipe: Recipe) -> Column:
    """The column with the order that the recipe declares for it."""
    levels = recipe.of(column.name).levels
    if levels:
        column = dataclasses.replace(column, kind=Kind.ORDINAL, levels=levels)
    constant = recipe.of(column.name).constant
    if column.kind is Kind.ORDINAL and not column.levels:
        raise CoterieError("an ordered column has no levels", where=column.name,
                           hint="name them in the recipe, least first")  # fmt: skip
    if column.kind is Kind.ORDINAL and constant is not None and constant not in column.levels:
        raise CoterieError("an unknown cannot become a value that is no level",
                           where=f"columns.{column.name}.constant", expected="a level")  # fmt: skip
    return column


@dataclasses.dataclass
class _Work:
    """One preparation under way."""

    crowd: Crowd
    recipe: Recipe
    seed: int
    raw: pd.DataFrame
    values: dict[str, Reals]
    notes: list[Note]

    def prepared(self, used: Sequence[Column], rows: NDArray[np.int64]) -> Prepared:
        """Everything after it is known which columns and people are in."""
        plan = self.plan(used)
        fitted_on = self.fitted_on(plan)
        made = self.columns(plan, fitted_on)
        features = tuple(building.features(plan, made))
        steps: list[tuple[str, object]] = [("columns", made)]
        full = made.transform(self.raw)
        joint = imputing.joint(plan)
        if joint:
            filler, more = imputing.fitted(full[fitted_on], features, joint, self.seed)
            self.notes += more
            steps.append(("unknowns", filler))
            full = filler.transform(full)
        keep, more = redundant(full[fitted_on], features, self.recipe.correlated)
        self.notes += more
        people.some(keep, [*self.notes, *more])
        chosen = ColumnTransformer([("kept", "passthrough", keep)]).fit(full[:1])
        steps.append(("chosen", chosen))
        standardised = np.ascontiguousarray(full[:, keep])
        components = self.components(standardised[fitted_on])
        if components is not None:
            steps.append(("components", components))
        matrix = standardised if components is None else components.transform(standardised)
        return Prepared(
            matrix=np.ascontiguousarray(matrix),
            standardised=standardised,
            features=tuple(features[i] for i in keep),
            components=None if components is None else components.components_,
            centre=None if components is None else components.mean_,
            rows=rows,
            fitted_on=fitted_on,
            imputed=self.imputed(plan),
            pipeline=Pipeline(steps),
            notes=(*self.notes, *self.summary(plan)),
            rowwise=not joint,
            raw=self.raw,
        )

    def plan(self, used: Sequence[Column]) -> list[Steps]:
        """What is done with each column, decided and noted."""
        recipe, more = imputing.tried(self.recipe, used, self.values, self.seed)
        self.notes += more
        plan = []
        for column in used:
            steps, said = judged(column, self.raw[column.name], self.values[column.name], recipe)
            plan.append(steps)
            self.notes += said
        return plan

    def columns(self, plan: Sequence[Steps], on: NDArray[np.bool_]) -> ColumnTransformer:
        """The columns' steps, fitted on some of the people."""
        made = building.transformer(plan, self.crowd.at)
        fit_on = self.raw if on.all() else self.raw[on]
        made.set_params(transformer_weights=building.weights(plan, fit_on))
        return made.fit(fit_on)

    def fitted_on(self, plan: Sequence[Steps]) -> NDArray[np.bool_]:
        """Who is not set aside."""
        inside = np.ones(len(self.raw), np.bool_)
        for steps in plan:
            if steps.choice.action == "set-aside" and len(steps.outside):
                inside &= ~steps.outside
        if self.recipe.outliers == "isolation-forest":
            inside &= ~self.isolated(plan)
        if not inside.all():
            count = int((~inside).sum())
            said = f"{count:,} people set aside: they are assigned, and nothing is fitted on them"
            self.notes.append(Note("outliers", said, "", count))
        people.enough(self.crowd, int(inside.sum()), self.recipe, self.notes[-1:])
        return inside

    def isolated(self, plan: Sequence[Steps]) -> NDArray[np.bool_]:
        """Who is unusual in all columns together, and set aside for it."""
        everyone = np.ones(len(self.raw), np.bool_)
        points = np.nan_to_num(self.columns(plan, everyone).transform(self.raw))
        found = outliers.isolated(points, self.recipe.limit, self.seed)
        count, action = int(found.sum()), self.recipe.action
        done = "set aside" if action == "set-aside" else "kept"
        said = f"{count:,} people are outliers by isolation forest, {done}"
        self.notes.append(Note("outliers", said, "", count))
        return found if action == "set-aside" else np.zeros_like(found)

    def components(self, points: Reals) -> PCA | None:
        """Principal components that explain the share of variance that is asked."""
        share = self.recipe.components
        if share is None:
            return None
        whole = share == 1.0
        found = PCA(n_components=None if whole else share, svd_solver="full").fit(points)
        said = (
            f"{found.n_components_:,} components of {points.shape[1]:,} features explain "
            f"{found.explained_variance_ratio_.sum():.1%} of the variance"
        )
        self.notes.append(Note("components", said, "", int(found.n_components_)))
        return found

    def imputed(self, plan: Sequence[Steps]) -> NDArray[np.bool_]:
        """Which cells of the crowd's columns were filled in."""
        filled = {s.column.name for s in plan if s.fill or _jointly(s)}
        found = np.zeros((len(self.raw), len(self.crowd.columns)), np.bool_)
        for i, column in enumerate(self.crowd.columns):
            if column.name in filled:
                found[:, i] = np.isnan(self.values[column.name])
        return found

    def summary(self, plan: Sequence[Steps]) -> Iterator[Note]:
        """How much of what is used was observed."""
        cells = len(self.raw) * len(plan)
        filled = int(self.imputed(plan).sum())
        said = f"{cells - filled:,} cells observed, {filled:,} filled ({filled / cells:.1%})"
        yield Note("missing", said, "", filled)


def _jointly(steps: Steps) -> bool:
    """Whether unknowns of a column are filled from the other columns."""
    return steps.choice.missing in JOINT and not steps.categories
