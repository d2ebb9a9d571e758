"""The tests behind proposals are the published ones, and refuse as rarely as they promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from coterie.discover.splitting.testing import adjusted, alike, below, moments


def two(n: int, gap: float, seed: int, columns: int = 1) -> np.ndarray:
    """Twice n people, the second half higher by the gap."""
    values = np.random.default_rng(seed).normal(size=(2 * n, columns))
    values[n:] += gap
    return values


def halves(n: int) -> list[np.ndarray]:
    first = np.arange(2 * n) < n
    return [first, ~first]


@pytest.mark.parametrize("seed", range(5))
def test_equivalence_is_two_one_sided_welch_tests(seed: int) -> None:
    """The p is the larger one of SciPy's two tests, of the feature where it is largest."""
    values = two(300, 0.05, seed, columns=3)
    gap, p = alike(moments(values, halves(300)), 0, 1, 0.2)
    one, other = values[:300], values[300:]
    above = stats.ttest_ind(one + 0.2, other, equal_var=False, alternative="greater").pvalue
    under = stats.ttest_ind(one - 0.2, other, equal_var=False, alternative="less").pvalue
    assert p == pytest.approx(max(above.max(), under.max()))
    assert gap == pytest.approx(np.abs(one.mean(axis=0) - other.mean(axis=0)).max())


def test_groups_at_the_margin_are_rarely_called_alike() -> None:
    """Where the difference is as large as what matters, 5 of 100 are, not more."""
    found = [alike(moments(two(200, 0.2, seed), halves(200)), 0, 1, 0.2)[1] for seed in range(400)]
    assert np.mean(np.array(found) <= 0.05) <= 0.075


def test_small_groups_are_not_called_alike() -> None:
    """Twenty people of one kind may differ, and nobody could see it."""
    assert alike(moments(two(20, 0.0, 0), halves(20)), 0, 1, 0.2)[1] > 0.05


@pytest.mark.parametrize(("gap", "p"), [(0.0, 0.0), (1.0, 1.0)])
def test_a_feature_that_never_varies_is_the_same_or_is_not(gap: float, p: float) -> None:
    """No variance is no division by zero: two constants are alike exactly where they are near."""
    values = np.where(np.arange(20) < 10, 0.0, gap)[:, None]
    assert alike(moments(values, halves(10)), 0, 1, 0.2) == (gap, p)


def test_below_is_mann_and_whitneys() -> None:
    """The effect is the share of pairs, ties by halves; the p is SciPy's."""
    rng = np.random.default_rng(3)
    outcome = rng.integers(0, 5, 80).astype(float)
    inside = np.arange(80) < 30
    more, p = below(outcome, inside)
    one, rest = outcome[inside][:, None], outcome[~inside][None, :]
    assert more == pytest.approx(((one > rest) + 0.5 * (one == rest)).mean())
    direct = stats.mannwhitneyu(one.ravel(), rest.ravel(), alternative="less", method="asymptotic")
    assert p == pytest.approx(direct.pvalue)


@pytest.mark.parametrize("inside", [np.ones(9, bool), np.zeros(9, bool)])
def test_nobody_is_below_nobody(inside: np.ndarray) -> None:
    """Everybody, or nobody, has no rest to be below of; nor has an outcome that nobody knows."""
    assert below(np.arange(9.0), inside) == (0.5, 1.0)
    assert below(np.full(9, np.nan), np.arange(9) < 4) == (0.5, 1.0)
    assert below(np.ones(9), np.arange(9) < 4) == (0.5, 1.0)


def test_many_tests_are_corrected_by_benjamini_and_yekutieli() -> None:
    """P times m over its rank, times the sum of 1/i, made to rise with p (2001, theorem 1.3)."""
    ps = np.array([0.001, 0.01, 0.03, 0.4])
    wanted = ps * 4 / np.arange(1, 5) * sum(1 / i for i in range(1, 5))
    wanted = np.minimum.accumulate(np.minimum(wanted, 1)[::-1])[::-1]
    assert adjusted(list(ps)) == pytest.approx(wanted)
