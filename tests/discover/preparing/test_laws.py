"""What holds for any crowd and any recipe."""

from __future__ import annotations

import msgspec
import numpy as np
from hypothesis import given, settings
from sklearn.base import clone

from coterie.discover.crowd import Crowd
from coterie.discover.prepared import Prepared
from coterie.discover.preparing import Choice, Recipe, applied, prepare
from coterie.errors import CoterieError
from tests.conftest import SOAK
from tests.discover.preparing.crowds import choices, crowds, recipes

fewer = settings(max_examples=SOAK or 25)
"""A preparation fits a whole pipeline; a soak makes as many as it is asked for."""


def attempted(people: Crowd, recipe: Recipe) -> Prepared | None:
    """The preparation, or nothing where it refuses with a reason."""
    try:
        return prepare(people, recipe)
    except CoterieError:
        return None


@fewer
@given(crowds(), recipes(), choices())
def test_features_say_all_that_the_pipeline_does(
    people: Crowd, recipe: Recipe, choice: Choice
) -> None:
    """Step by step, a person has the coordinates that the pipeline gives, within 1e-12."""
    made = attempted(people, msgspec.structs.replace(recipe, columns={"x0": choice}))
    if made is None:
        return
    assert made.rowwise
    steps = applied(made.features, made.raw, people.columns, people.at)
    np.testing.assert_allclose(steps, made.standardised, rtol=1e-12, atol=1e-12)
    if made.components is not None and made.centre is not None:
        turned = (steps - made.centre) @ made.components.T
        np.testing.assert_allclose(turned, made.matrix, rtol=1e-9, atol=1e-9)


@fewer
@given(crowds(), crowds(), recipes())
def test_features_say_it_of_people_who_were_not_there(
    people: Crowd, others: Crowd, recipe: Recipe
) -> None:
    """Others are prepared alike by both ways, whatever their values."""
    made = attempted(people, recipe)
    if made is None or others.columns != people.columns:
        return
    steps = applied(made.features, others.frame, people.columns, people.at)
    if made.components is not None and made.centre is not None:
        steps = (steps - made.centre) @ made.components.T
    np.testing.assert_allclose(made.pipeline.transform(others.frame), steps, rtol=1e-9, atol=1e-9)


@fewer
@given(crowds(), recipes())
def test_the_matrix_is_finite_and_the_pipelines_own(people: Crowd, recipe: Recipe) -> None:
    """Every cell is a number, contiguous, and what the pipeline gives for the same rows."""
    made = attempted(people, recipe)
    if made is None:
        return
    assert np.isfinite(made.matrix).all()
    assert made.matrix.flags.c_contiguous
    assert made.matrix.shape[0] == len(made.rows) == len(made.fitted_on) == len(made.imputed)
    np.testing.assert_array_equal(
        made.pipeline.transform(people.frame.iloc[made.rows]), made.matrix
    )


@fewer
@given(crowds(), recipes())
def test_fitting_anew_gives_the_same(people: Crowd, recipe: Recipe) -> None:
    """A preparation is its crowd, its recipe and its seed; the pipeline alone fits to the same."""
    recipe = msgspec.structs.replace(recipe, components=None)  # an axis may point either way
    made = attempted(people, recipe)
    if made is None:
        return
    again = prepare(people, recipe, seed=0)
    assert again.features == made.features
    assert again.notes == made.notes
    fitted = clone(made.pipeline).fit(made.raw[made.fitted_on])
    np.testing.assert_allclose(fitted.transform(made.raw), made.matrix, rtol=1e-9, atol=1e-9)


@fewer
@given(crowds(), recipes())
def test_everybody_is_somewhere(people: Crowd, recipe: Recipe) -> None:
    """People in the matrix and people left out by a note are the crowd."""
    made = attempted(people, recipe)
    if made is None:
        return
    left_out = [note.count for note in made.notes if note.step == "people"]
    assert len(made.rows) + sum(left_out) == len(people)
    set_aside = [n.count for n in made.notes if n.step == "outliers" and "people set" in n.said]
    assert int((~made.fitted_on).sum()) == sum(set_aside)


@given(recipes(), choices())
def test_a_recipe_reads_back(recipe: Recipe, choice: Choice) -> None:
    """JSON holds every choice."""
    whole = msgspec.structs.replace(recipe, columns={"x0": choice})
    assert Recipe.read(whole.written()) == whole
