"""The planted processes are found again by maximum likelihood, as their papers write it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

from coterie.language.events import Event
from coterie.simulate import Shop, simulate

WEEK = 7 * 86_400_000_000


@pytest.fixture(scope="module")
def large() -> Shop:
    return simulate(people=20_000, months=12, seed=3)


@pytest.fixture(scope="module")
def buyers(large: Shop) -> pd.DataFrame:
    """Everybody with an order, wholesalers among them, as anyone would count from the events."""
    truth = large.truth().to_pandas()
    return truth[truth["n_orders"] > 0]


def bg_nbd(people: pd.DataFrame, until: int) -> np.ndarray:
    """Estimates of r, alpha, a and b (Fader, Hardie & Lee 2005, equation 6)."""
    x = people["n_orders"].to_numpy() - 1
    first, last = (
        people[name].astype("datetime64[us, UTC]").astype("int64").to_numpy()
        for name in ("first_order_at", "last_order_at")
    )
    seen, whole = (last - first) / WEEK, (until - first) / WEEK

    def loss(logs: np.ndarray) -> float:
        r, alpha, a, b = np.exp(logs)
        shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
        alive = betaln(a, b + x) - (r + x) * np.log(alpha + whole)
        stopped = betaln(a + 1, b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + seen)
        return -np.mean(shared + np.logaddexp(alive, np.where(x > 0, stopped, -np.inf)))

    return np.exp(minimize(loss, np.zeros(4), method="L-BFGS-B").x)


def gamma_gamma(people: pd.DataFrame) -> np.ndarray:
    """Estimates of p, q and gamma (Fader & Hardie 2013, equation 1a)."""
    x = people["n_orders"].to_numpy()
    z = people["revenue"].astype(float).to_numpy() / x

    def loss(logs: np.ndarray) -> float:
        p, q, gamma = np.exp(logs)
        shape = p * x
        each = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(gamma)
        each += (shape - 1) * np.log(z) + shape * np.log(x)
        return -np.mean(each - (shape + q) * np.log(gamma + x * z))

    return np.exp(minimize(loss, np.log([1.0, 2.0, 10.0]), method="L-BFGS-B").x)


def test_refitting_twenty_thousand_people_returns_the_buying_parameters(
    large: Shop, buyers: pd.DataFrame
) -> None:
    """BG/NBD: r, alpha, a and b come back within 10 % from the planted population."""
    planted = large.parameters
    wanted = [planted.buying_r, planted.buying_alpha, planted.dropout_a, planted.dropout_b]
    by_chance = buyers[buyers["process"] == "bg/nbd"]
    assert bg_nbd(by_chance, planted.until) == pytest.approx(wanted, rel=0.1)


def test_wholesalers_do_not_hide_the_buying_parameters(large: Shop, buyers: pd.DataFrame) -> None:
    """A fit that does not know of the planted few returns the parameters within 10 % as well."""
    planted = large.parameters
    wanted = [planted.buying_r, planted.buying_alpha, planted.dropout_a, planted.dropout_b]
    assert bg_nbd(buyers, planted.until) == pytest.approx(wanted, rel=0.1)


def test_refitting_twenty_thousand_people_returns_the_spending_parameters(
    large: Shop, buyers: pd.DataFrame
) -> None:
    """Gamma-Gamma: p, q and gamma come back within 10 %, with and without wholesalers."""
    planted = large.parameters
    wanted = [planted.spend_p, planted.spend_q, planted.spend_gamma]
    assert gamma_gamma(buyers) == pytest.approx(wanted, rel=0.1)
    by_chance = buyers[buyers["process"] == "bg/nbd"]
    assert gamma_gamma(by_chance) == pytest.approx(wanted, rel=0.1)


def test_rates_and_dropout_are_drawn_from_their_distributions(large: Shop) -> None:
    """The truth's own rates, chances and spends have the planted means and variances."""
    planted, truth = large.parameters, large.truth().to_pandas()
    truth = truth[truth["process"] == "bg/nbd"]
    r, alpha, a, b = (
        planted.buying_r, planted.buying_alpha, planted.dropout_a, planted.dropout_b,
    )  # fmt: skip
    assert truth["lambda"].mean() == pytest.approx(r / alpha, rel=0.05)
    assert truth["lambda"].var() == pytest.approx(r / alpha**2, rel=0.1)
    assert truth["p"].mean() == pytest.approx(a / (a + b), rel=0.05)
    assert truth["nu"].mean() == pytest.approx(planted.spend_q / planted.spend_gamma, rel=0.05)
    assert abs(truth["lambda"].corr(truth["mean_spend"], method="spearman")) < 0.03


def test_people_who_stay_order_at_their_own_rate(large: Shop) -> None:
    """Whoever hardly ever stops has as many repeat orders as rate and time foretell."""
    truth = large.truth().to_pandas()
    stays = truth[(truth["p"] < 0.01) & truth["alive"].astype(bool) & (truth["n_orders"] > 0)]
    since = stays["first_order_at"].astype("datetime64[us, UTC]").astype("int64")
    weeks = (large.parameters.until - since) / WEEK
    repeats = stays["n_orders"].sum() - len(stays)
    assert repeats == pytest.approx((stays["lambda"] * weeks).sum(), rel=0.05)


def test_buying_has_no_season(
    shop: Shop, histories: list[list[Event]], truth: list[dict[str, Any]]
) -> None:
    """Among the people who stay, rates foretell the orders of December and of July alike."""
    stays = [n for n, row in enumerate(truth) if row["p"] is not None and row["p"] < 0.02]
    for until in (shop.parameters.until, shop.parameters.until - 22 * WEEK):
        since = until - 5 * WEEK
        seen = expected = 0.0
        for number in stays:
            at = [e.occurred_at for e in histories[number] if e.name == "Order Completed"]
            if truth[number]["alive"] and at and at[0] < since:
                seen += sum(since < instant <= until for instant in at)
                expected += truth[number]["lambda"] * 5
        assert expected > 200
        assert seen == pytest.approx(expected, rel=4 / expected**0.5)


def test_truth_counts_orders_as_the_events_do(
    histories: list[list[Event]], truth: list[dict[str, Any]]
) -> None:
    """Orders, sums, refunds and the first and last instant of the truth are the events'."""
    for history, row in zip(histories, truth, strict=True):
        orders = [event for event in history if event.name == "Order Completed"]
        refunds = [event for event in history if event.name == "Order Refunded"]
        assert len(history) == row["n_events"]
        assert len(orders) == row["n_orders"]
        assert sum(order.properties["revenue"] for order in orders) == row["revenue"]
        assert -sum(back.properties["revenue"] for back in refunds) == row["refunded"]
        if orders:
            ends = [pd.Timestamp(orders[i].occurred_at, unit="us", tz="UTC") for i in (0, -1)]
            assert ends == [row["first_order_at"], row["last_order_at"]]
