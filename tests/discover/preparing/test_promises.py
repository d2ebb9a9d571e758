"""What a preparation does with each kind of trouble, and says of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coterie.discover.crowd import Column, Crowd, Kind
from coterie.discover.prepared import Prepared
from coterie.discover.preparing import Choice, Recipe, prepare
from coterie.errors import CoterieError, UnknownName, WrongType
from tests.discover.preparing.crowds import LEVELS, crowd, mixed, numbers

SOME = np.arange(30.0)


def said(made: Prepared, column: str) -> str:
    """The notes of a column, one a line."""
    return "\n".join(f"{n.step}: {n.said}" for n in made.notes if n.column == column)


def test_every_kind_of_column_becomes_features() -> None:
    """Numbers, truths, ages and ranks one each, a text one for each frequent value."""
    made = prepare(mixed())
    assert made.names == (
        "spend", "change", "orders", "total", "vip",
        "favourite is books", "favourite is gifts", "tier", "seen",
    )  # fmt: skip
    assert made.features[-2].levels == LEVELS
    assert made.rowwise


def test_what_an_unknown_sum_means_is_no_guess() -> None:
    """It is 0, whatever the recipe does with unknowns, unless the column's own choice says else."""
    made = prepare(mixed(), Recipe(missing="mean"))
    total = next(f for f in made.features if f.column == "total")
    assert total.fill == 0.0
    assert "nothing occurred" in said(made, "total")
    chosen = prepare(mixed(), Recipe(columns={"total": Choice(missing="mean")}))
    assert next(f for f in chosen.features if f.column == "total").fill != 0.0


def test_every_filled_cell_is_flagged_and_counted() -> None:
    """The mask has the unknown cells of filled columns, and the last note their share."""
    people = mixed()
    made = prepare(people)
    place = [c.name for c in people.columns].index("spend")
    np.testing.assert_array_equal(made.imputed[:, place], people.frame["spend"].isna())
    place = [c.name for c in people.columns].index("favourite")
    assert not made.imputed[:, place].any()  # none of the values is no guess
    assert f"{int(made.imputed.sum()):,} filled" in made.notes[-1].said
    assert made.notes[-1].count == made.imputed.sum()


def test_infinite_values_are_unknown() -> None:
    """They are counted and filled."""
    made = prepare(mixed())
    assert "infinite values are taken as unknown: 1" in said(made, "orders")
    assert np.isfinite(made.matrix).all()


def test_numbers_beyond_any_measure_are_unknown_too() -> None:
    """Their squares would be infinite."""
    made = prepare(numbers(x=[*SOME, 1e308, -1e200]))
    assert "infinite values are taken as unknown: 2" in said(made, "x")
    assert made.imputed.sum() == 0  # nothing else is known of these two: they are left out
    assert len(made.rows) == 30


def test_an_empty_text_is_a_value() -> None:
    """And not an unknown."""
    texts = pd.array(["", "a", pd.NA] * 10, dtype="string")
    frame = pd.DataFrame({"x": SOME, "s": texts})
    made = prepare(crowd(frame, Column("s", Kind.CATEGORY)))
    assert made.names == ("x", "s is ", "s is a")
    assert "10 unknown (33.3%), none of the values" in said(made, "s")


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (np.ones(30), "the same for everybody"),
        (np.full(30, np.nan), "unknown for everybody"),
        (np.full(30, np.inf), "unknown for everybody"),
        (np.where(SOME < 20, np.nan, SOME), "66.7% unknown, and at most 50% may be filled"),
        (np.where(SOME < 29, 1.0, 2.0), "nearly the same for everybody: 1 of 30 differ"),
    ],
)
def test_a_column_that_cannot_tell_groups_apart_is_left_out_and_said(
    values: np.ndarray, why: str
) -> None:
    """Constant, unknown, too often unknown, nearly constant."""
    made = prepare(numbers(x=SOME, y=values), Recipe(rarest=0.04))
    assert made.names == ("x",)
    assert why in said(made, "y")


def test_ten_thousand_categories_are_left_out() -> None:
    """A text that tells people apart gets no features."""
    n = 10_000
    texts = pd.array([f"v{i}" for i in range(n)], dtype="string")
    frame = pd.DataFrame({"x": np.arange(n, dtype=float), "id": texts})
    made = prepare(crowd(frame, Column("id", Kind.CATEGORY)))
    assert made.names == ("x",)
    assert "10,000 different values" in said(made, "id")


def test_text_among_numbers_is_refused_by_its_column() -> None:
    """The error counts the values and repeats none."""
    frame = pd.DataFrame({"x": ["1", "two", "3"] * 10})
    with pytest.raises(WrongType) as caught:
        prepare(crowd(frame))
    assert caught.value.where == "x"
    assert "10 of 30" in caught.value.got
    assert "two" not in str(caught.value)


def test_truths_and_instants_that_are_none_are_refused() -> None:
    """A column of another type than it says."""
    frame = pd.DataFrame({"x": np.arange(30.0)})
    for kind in (Kind.BOOLEAN, Kind.INSTANT):
        with pytest.raises(WrongType):
            prepare(crowd(frame, Column("x", kind)))
    nowhere = pd.DataFrame({"x": pd.date_range("2024-01-01", periods=30)})
    with pytest.raises(WrongType, match="instants"):
        prepare(crowd(nowhere, Column("x", Kind.INSTANT)))


@pytest.mark.parametrize(
    "people",
    [
        numbers(x=np.ones(30), y=np.full(30, np.nan)),
        Crowd(pd.DataFrame(index=range(30)), (), 0, 0, "analytics"),
    ],
    ids=["constant", "no columns"],
)
def test_without_a_column_there_is_a_reason_for_each(people: Crowd) -> None:
    """The error says why each column was left out."""
    with pytest.raises(CoterieError) as caught:
        prepare(people)
    assert "no column is left" in str(caught.value)
    for column in people.columns:
        assert column.name in caught.value.where


def test_five_people_are_no_crowd() -> None:
    """The error says how many there are and how many it takes."""
    with pytest.raises(CoterieError) as caught:
        prepare(numbers(x=[1, 2, 3, 4, 5]))
    assert "too few people" in str(caught.value)
    assert caught.value.got == "5 of 5 people"


def test_nobody_left_is_said_with_the_rule() -> None:
    """A critical column that hardly anybody has."""
    people = numbers(x=SOME, y=np.where(SOME < 25, np.nan, SOME))
    with pytest.raises(CoterieError) as caught:
        prepare(people, Recipe(critical=("y",)))
    assert "y: 25 people left out" in caught.value.where


def test_people_without_a_critical_value_are_left_out_and_counted() -> None:
    """They are not in the rows; a note has their number."""
    people = numbers(x=SOME, y=np.where(SOME < 4, np.nan, SOME % 7))
    made = prepare(people, Recipe(critical=("y",)))
    np.testing.assert_array_equal(made.rows, np.arange(4, 30))
    assert "4 people left out: a critical value is unknown" in said(made, "y")
    dropped = prepare(people, Recipe(columns={"y": Choice(missing="drop")}))
    np.testing.assert_array_equal(dropped.rows, made.rows)
    assert dropped.features[1].fill is None


def test_people_of_whom_little_is_known_are_left_out_and_counted() -> None:
    """More than half of their columns unknown."""
    hole = SOME < 3
    people = numbers(x=SOME, y=np.where(hole, np.nan, SOME % 7), z=np.where(hole, np.nan, SOME % 5))
    made = prepare(people)
    assert len(made.rows) == 27
    assert any("3 people left out" in note.said for note in made.notes)


def test_outliers_are_clipped_kept_or_set_aside() -> None:
    """By choice; clipping stands in the feature, setting aside in the rows that are fitted on."""
    values = np.append(np.arange(99.0) % 10, 1e6)
    people = numbers(x=values)
    clipped = prepare(people, Recipe(curve="none"))
    assert clipped.features[0].high is not None
    assert clipped.features[0].high < 30
    kept = prepare(people, Recipe(curve="none", action="keep"))
    assert kept.features[0].high is None
    aside = prepare(people, Recipe(curve="none", action="set-aside"))
    assert not aside.fitted_on[-1]
    assert aside.fitted_on[:-1].all()
    for made, done in ((clipped, "clipped"), (kept, "kept"), (aside, "set aside")):
        assert "1 outliers by robust-z" in said(made, "x")
        assert done in said(made, "x")


def test_a_value_that_most_people_share_makes_no_outlier_of_the_rest() -> None:
    """Both spreads are 0, and the others are judged among themselves."""
    rng = np.random.default_rng(0)
    values = np.where(rng.random(300) < 0.7, 0.0, rng.uniform(1, 2, 300))
    values[0] = 50.0
    made = prepare(numbers(x=values), Recipe(curve="none"))
    assert "1 outliers by robust-z" in said(made, "x")


def test_a_forest_takes_values_beyond_single_precision() -> None:
    """They are far out, and no overflow."""
    recipe = Recipe(outliers="isolation-forest", action="set-aside", curve="none", scaling="robust")
    made = prepare(numbers(x=np.append(np.arange(99.0), 1e90)), recipe)
    assert not made.fitted_on[-1]


def test_heavy_tails_are_not_cut_off() -> None:
    """Where a fifth of the values would be outliers, the outermost hundredth is."""
    values = np.random.default_rng(0).standard_t(1, 1000)
    made = prepare(numbers(x=values), Recipe(curve="none"))
    assert "heavy tails" in said(made, "x")
    assert "10 outliers" in said(made, "x")


def test_skew_is_straightened_and_said() -> None:
    """A lognormal column by the logarithm, a skewed one with negatives by Yeo-Johnson."""
    rng = np.random.default_rng(0)
    made = prepare(
        numbers(a=rng.lognormal(4, 1, 400), b=1 - rng.lognormal(0, 1, 400), c=rng.normal(0, 1, 400))
    )
    assert [feature.curve for feature in made.features] == ["log1p", "yeo-johnson", ""]
    assert "bent by log(1 + x)" in said(made, "a")
    assert all(abs(pd.Series(made.matrix[:, i]).skew()) < 0.6 for i in range(3))


def test_a_feature_that_repeats_another_is_left_out() -> None:
    """By its correlation with an earlier one, which the note names."""
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, 200)
    made = prepare(numbers(x=x, y=-2 * x + 1, z=rng.normal(0, 1, 200)))
    assert made.names == ("x", "z")
    assert "correlation -1.000 with x" in said(made, "y")
    assert prepare(numbers(x=x, y=-2 * x), Recipe(correlated=None)).names == ("x", "y")


def test_rare_categories_have_no_feature_of_their_own() -> None:
    """They are none of the others."""
    made = prepare(mixed())
    assert "favourite is rare" not in made.names
    assert "1 rare, together" in said(made, "favourite")


def test_an_order_may_be_declared() -> None:
    """Bronze < Silver < Gold become 0, 1, 2; another text is unknown, and said."""
    people = mixed()
    tiers = people.frame["tier"].copy()
    tiers.iloc[10] = "Platinum"
    frame = people.frame.assign(tier=tiers)
    columns = [Column("tier", Kind.CATEGORY) if c.name == "tier" else c for c in people.columns]
    made = prepare(crowd(frame, *columns), Recipe(columns={"tier": Choice(levels=LEVELS)}))
    assert next(f for f in made.features if f.column == "tier").levels == LEVELS
    assert "1 values are none of the levels" in said(made, "tier")


@pytest.mark.parametrize(
    ("recipe", "where"),
    [
        (Recipe(columns={"spent": Choice()}), ""),
        (Recipe(critical=("spent",)), ""),
        (Recipe(most_imputed=2.0), "most_imputed"),
        (Recipe(components=1.5), "components"),
        (Recipe(rarest=0.9), "rarest"),
        (Recipe(limit=-1.0), "limit"),
        (Recipe(least_people=1), "least_people"),
        (Recipe(outliers="isolation-forest", limit=0.9), "limit"),
        (Recipe(missing="knn", columns={"spend": Choice(missing="iterative")}), "missing"),
        (Recipe(columns={"spend": Choice(missing="constant")}), "columns.spend.constant"),
        (Recipe(columns={"spend": Choice(missing="constant", constant="a")}),
         "columns.spend.constant"),
        (Recipe(columns={"tier": Choice(missing="constant", constant="Lead")}),
         "columns.tier.constant"),
        (Recipe(columns={"spend": Choice(weight=0.0)}), "columns.spend.weight"),
        (Recipe(columns={"spend": Choice(levels=("a", "b"))}), "columns.spend.levels"),
        (Recipe(columns={"tier": Choice(levels=("a", "a"))}), "columns.tier.levels"),
    ],
)  # fmt: skip
def test_a_choice_that_cannot_be_meant_is_refused_with_its_place(
    recipe: Recipe, where: str
) -> None:
    """Before anything is computed."""
    with pytest.raises(CoterieError) as caught:
        prepare(mixed(), recipe)
    if where:
        assert caught.value.where == where
    else:
        assert isinstance(caught.value, UnknownName)
        assert "spend" in caught.value.hint


def test_what_is_no_recipe_is_refused() -> None:
    """An unknown field and a wrong value of JSON."""
    for text in ('{"scalling": "z"}', '{"scaling": "zz"}'):
        with pytest.raises(CoterieError, match="no recipe"):
            Recipe.read(text)


def test_a_constant_and_a_flag_of_unknowns_may_be_chosen() -> None:
    """For a number and for a text; the flag is a feature of its own."""
    choices = {
        "spend": Choice(missing="constant", constant=-1, flag_unknown=True),
        "favourite": Choice(missing="constant", constant="gifts"),
    }
    made = prepare(mixed(), Recipe(columns=choices))
    by_name = {feature.name: feature for feature in made.features}
    assert by_name["spend"].fill == -1.0
    assert by_name["spend is unknown"].of == "unknown"
    assert by_name["favourite is gifts"].fill == 1.0
    assert by_name["favourite is books"].fill == 0.0


def test_a_column_may_be_left_out() -> None:
    """By choice, and said."""
    made = prepare(mixed(), Recipe(columns={"spend": Choice(use=False)}))
    assert "spend" not in made.names
    assert "so chosen" in said(made, "spend")
