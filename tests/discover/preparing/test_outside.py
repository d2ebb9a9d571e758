"""What is prepared is what scikit-learn, SciPy and the books give for the same column."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer
from sklearn.preprocessing import MinMaxScaler, PowerTransformer, RobustScaler, StandardScaler

from coterie.discover.preparing import Choice, Recipe, prepare
from coterie.discover.preparing.imputing import imputations
from coterie.discover.preparing.outliers import limits
from coterie.discover.preparing.skew import skewness
from tests.discover.preparing.crowds import mixed, numbers

PLAIN = Recipe(outliers="none", curve="none", most_unknown=1.0)


def column(n: int = 200, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(n) < 0.2, np.nan, rng.lognormal(2, 1, n))


@pytest.mark.parametrize(
    ("scaling", "scaler"),
    [("z", StandardScaler()), ("minmax", MinMaxScaler()), ("robust", RobustScaler())],
)
@pytest.mark.parametrize(
    ("missing", "strategy"), [("mean", "mean"), ("median", "median"), ("mode", "most_frequent")]
)
def test_filling_and_scaling_are_those_of_scikit_learn(
    scaling: str, scaler: object, missing: str, strategy: str
) -> None:
    """One column by three imputers and three scalers, called directly."""
    values = column()
    recipe = msgspec.structs.replace(PLAIN, missing=missing, scaling=scaling)
    made = prepare(numbers(x=values), recipe)
    filled = SimpleImputer(strategy=strategy).fit_transform(values[:, None])
    np.testing.assert_allclose(made.matrix, scaler.fit_transform(filled), rtol=1e-9, atol=1e-14)


def test_yeo_johnson_is_that_of_scikit_learn() -> None:
    """The bent column, standardised, equals `PowerTransformer` with its defaults."""
    values = np.random.default_rng(2).gamma(1, 3, 300) - 1
    made = prepare(numbers(x=values), Recipe(outliers="none", curve="yeo-johnson"))
    expected = PowerTransformer().fit_transform(values[:, None])
    np.testing.assert_allclose(made.matrix, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("missing", "imputer"),
    [("knn", KNNImputer()), ("iterative", IterativeImputer(random_state=0))],
)
def test_joint_filling_is_that_of_scikit_learn(missing: str, imputer: object) -> None:
    """Neighbours and regressions over the standardised columns."""
    rng = np.random.default_rng(3)
    x = rng.normal(0, 1, 120)
    y = np.where(rng.random(120) < 0.2, np.nan, 2 * x + rng.normal(0, 0.1, 120))
    recipe = Recipe(missing=missing, outliers="none", curve="none", correlated=None)
    made = prepare(numbers(x=x, y=y), recipe)
    scaled = StandardScaler().fit_transform(np.column_stack([x, y]))
    np.testing.assert_allclose(made.matrix, imputer.fit_transform(scaled), rtol=1e-12)
    assert not made.rowwise
    assert made.imputed[:, 1].sum() == np.isnan(y).sum()


def test_components_are_those_of_scikit_learn() -> None:
    """The first components that explain the share."""
    rng = np.random.default_rng(4)
    base = rng.normal(0, 1, (200, 2))
    points = np.column_stack([base, base @ rng.normal(0, 1, (2, 3)) + rng.normal(0, 0.2, (200, 3))])
    made = prepare(
        numbers(**{f"x{i}": points[:, i] for i in range(5)}),
        Recipe(outliers="none", curve="none", correlated=None, components=0.9),
    )
    expected = PCA(0.9).fit(made.standardised)
    np.testing.assert_allclose(np.abs(made.matrix), np.abs(expected.transform(made.standardised)),
                               atol=1e-9)  # fmt: skip
    assert made.matrix.shape[1] == 2


def test_an_isolation_forest_sets_aside_whom_it_isolates() -> None:
    """The people set aside are those of the forest on the same matrix, and not fitted on."""
    people = mixed()
    recipe = Recipe(outliers="isolation-forest", action="set-aside", limit=0.05)
    made = prepare(people, recipe, seed=7)
    kept = prepare(people, Recipe(outliers="none"))
    forest = IsolationForest(contamination=0.05, random_state=7)
    expected = forest.fit_predict(kept.standardised) == 1
    np.testing.assert_array_equal(made.fitted_on, expected)
    spread = made.standardised[made.fitted_on]
    assert np.allclose(spread.mean(axis=0), 0, atol=1e-9)
    assert not np.allclose(made.standardised.mean(axis=0), 0, atol=1e-3)


def test_limits_are_those_of_the_books() -> None:
    """Tukey's fences, and the robust z of Iglewicz and Hoaglin's own example."""
    values = np.array([2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3])
    # they give M = 5.868 ... for 8.2 and 8.3 with 0.6745 (x - 2.45) / 0.15
    low, high = limits(values, "robust-z", 3.5)
    middle, deviation = 2.45, 0.15
    assert high == pytest.approx(middle + 3.5 * deviation / 0.6745, rel=1e-4)
    assert ((values < low) | (values > high)).sum() == 2
    first, third = np.percentile(values, (25, 75))
    assert limits(values, "iqr", 1.5) == pytest.approx(
        (first - 1.5 * (third - first), third + 1.5 * (third - first))
    )


def test_skewness_is_that_of_scipy() -> None:
    """The biased third standardised moment."""
    values = column()
    assert skewness(values) == pytest.approx(stats.skew(values, nan_policy="omit"), rel=1e-12)


def test_imputations_differ_where_values_are_unknown_and_there_alone() -> None:
    """Known cells are kept; the draws' spread is that of the regression's errors."""
    rng = np.random.default_rng(5)
    x = rng.normal(0, 1, 400)
    y = np.where(rng.random(400) < 0.3, np.nan, x + rng.normal(0, 0.5, 400))
    points = np.column_stack([x, y])
    drawn = np.stack(imputations(points, 8, 0))
    known = ~np.isnan(points)
    assert (drawn[:, known] == points[known]).all()
    between = np.sqrt(drawn[:, ~known].var(axis=0, ddof=1).mean())
    assert between == pytest.approx(0.5, rel=0.15)


def test_the_best_way_to_fill_is_found() -> None:
    """Where one column determines another, regressions win; else the median stays."""
    rng = np.random.default_rng(6)
    x = rng.normal(0, 1, 400)
    hole = rng.random(400) < 0.2
    recipe = Recipe(missing="auto-best", correlated=None)
    tied = prepare(numbers(x=x, y=np.where(hole, np.nan, 3 * x + rng.normal(0, 0.3, 400))), recipe)
    assert not tied.rowwise
    assert "best by iterative" in tied.notes[0].said
    free = prepare(numbers(x=x, y=np.where(hole, np.nan, rng.normal(0, 1, 400))), recipe)
    assert free.rowwise
    assert "best by median" in free.notes[0].said


def test_one_category_counts_as_much_as_one_number() -> None:
    """The variance of a category's features together is 1, as that of a standardised number."""
    made = prepare(mixed(), Recipe(columns={"favourite": Choice(weight=2.0)}))
    of = [i for i, f in enumerate(made.features) if f.category is not None]
    assert made.standardised[:, of].var(axis=0).sum() == pytest.approx(4.0)
