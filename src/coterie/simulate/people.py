"""The people of one cell: who they are, when they joined, what they would do and allow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coterie.simulate import catalogue, personas
from coterie.simulate.arrays import Flags, Ints, Reals, choose, stream
from coterie.simulate.parameters import DAY, HOUR, ShopParameters
from coterie.simulate.seasons import Season, without_hours

STAGE = 0
CELL = 1_000
"""People who are drawn together; a cell's people are the same in every shop of that seed."""

STEADY_RATE, STEADY_SPEND = 3.0, 180.0
"""A wholesaler's orders a week, and their mean in EUR."""

NEVER = np.inf


@dataclass(frozen=True)
class People:
    """One row a person; instants are even time in microseconds UTC, `NEVER` where there is none.

    Rates are per week, `p_dropout` is a probability, `nu` the rate of the order's gamma.
    `consents` holds the instants at which marketing consent changes hands, in order: the first
    is the answer at sign-up (`granted`), each later one the opposite of the one before.
    """

    number: Ints
    persona: Ints
    rate: Reals
    p_dropout: Reals
    nu: Reals
    joined: Reals
    first_order: Reals
    n_devices: Ints
    first_name: Ints
    last_name: Ints
    country: Ints
    plus: Reals
    favourite: Ints
    granted: Flags
    consents: Reals

    def __len__(self) -> int:
        return len(self.number)

    @property
    def identified(self) -> Flags:
        """Whether the person ever says who they are."""
        says: Flags = self.persona != personas.VISITOR
        return says


def draw_people(wanted: ShopParameters, cell: int) -> People:
    """The people of a cell; the last cell of a shop may hold fewer than `CELL`."""
    rng = stream(wanted.seed, cell, STAGE)
    number = np.arange(cell * CELL, min((cell + 1) * CELL, wanted.people), dtype=np.int64)
    n = len(number)
    rate = rng.gamma(wanted.buying_r, 1 / wanted.buying_alpha, n)
    p_dropout = rng.beta(wanted.dropout_a, wanted.dropout_b, n)
    nu = rng.gamma(wanted.spend_q, 1 / wanted.spend_gamma, n)
    persona = _personas(rng, rate * (1 - p_dropout))
    steady = persona == personas.WHOLESALER
    joined = _joined(rng, wanted, persona)
    granted = rng.random(n) < personas.figures("p_consent")[persona]
    return People(
        number=number,
        persona=persona,
        rate=np.where(steady, STEADY_RATE, rate),
        p_dropout=np.where(steady, 0.0, p_dropout),
        nu=np.where(steady, wanted.spend_p / STEADY_SPEND, nu),
        joined=joined,
        first_order=_first_order(rng, joined, persona),
        n_devices=_devices(rng, persona),
        first_name=rng.integers(0, len(catalogue.FIRST_NAMES), n),
        last_name=rng.integers(0, len(catalogue.LAST_NAMES), n),
        country=_countries(rng, n),
        plus=_plus(rng, joined, persona),
        favourite=choose(rng, personas.tastes(), persona),
        granted=granted,
        consents=_consents(rng, joined, granted),
    )


def _personas(rng: np.random.Generator, keenness: Reals) -> Ints:
    """Exact shares in random order; the keenest BG/NBD buyers (with some noise) are the loyal."""
    n = len(keenness)
    ends = np.ceil(np.cumsum(personas.figures("share")) * n - 1e-6).astype(np.int64)
    counts = np.diff(np.minimum(ends, n), prepend=0)
    persona = rng.permutation(np.repeat(np.arange(len(counts), dtype=np.int64), counts))
    score = np.log(np.maximum(keenness, 1e-12)) + rng.normal(0, 0.5, n)
    settled = np.flatnonzero(personas.IS_BG_NBD[persona] & (persona != personas.NEWCOMER))
    others = persona[settled][persona[settled] != personas.LOYAL]
    keenest_first = settled[np.argsort(-score[settled], kind="stable")]
    n_loyal = len(settled) - len(others)
    persona[keenest_first[:n_loyal]] = personas.LOYAL
    persona[keenest_first[n_loyal:]] = rng.permutation(others)
    return persona


def _joined(rng: np.random.Generator, wanted: ShopParameters, persona: Ints) -> Reals:
    """Three in ten come in the opening month, newcomers at the end, the rest by the season."""
    n = len(persona)
    start, end = without_hours(wanted.start) + 2 * HOUR, without_hours(wanted.until) - 2 * DAY
    late = end - min(45 * DAY, (end - start) / 4)
    early = start + min(30 * DAY, (end - start) / 4)
    season = Season(start, end)
    evenly, opening = rng.random(n), rng.random(n) < 0.3
    spread = season.draw(np.full(n, start), np.full(n, late), evenly)
    joined = np.where(opening, start + (early - start) * evenly, spread)
    joined = np.where(persona == personas.NEWCOMER, late + (end - late) * evenly, joined)
    at_once = persona == personas.WHOLESALER
    return np.where(at_once, start + (early - start) * evenly / 10, joined)


def _first_order(rng: np.random.Generator, joined: Reals, persona: Ints) -> Reals:
    """Buyers order some days after they joined, whatever their rate: their clock starts there."""
    first = joined + 6 * HOUR + rng.exponential(6 * DAY, len(joined))
    return np.where(personas.BUYS[persona], first, NEVER)


def _devices(rng: np.random.Generator, persona: Ints) -> Ints:
    drawn = 1 + rng.choice(4, size=len(persona), p=(0.45, 0.33, 0.16, 0.06))
    return np.where(persona == personas.VISITOR, 1, drawn).astype(np.int64)


def _countries(rng: np.random.Generator, n: int) -> Ints:
    weights = np.array(catalogue.COUNTRY_WEIGHTS, dtype=np.float64)
    return rng.choice(len(weights), size=n, p=weights / weights.sum()).astype(np.int64)


def _plus(rng: np.random.Generator, joined: Reals, persona: Ints) -> Reals:
    """When the person takes the paid plan: one in four of the loyal, few of the others."""
    p_plus = np.where(persona == personas.LOYAL, 0.25, 0.03)
    takes = (rng.random(len(joined)) < p_plus) & (persona != personas.VISITOR)
    return np.where(takes, joined + 7 * DAY + rng.exponential(60 * DAY, len(joined)), NEVER)


def _consents(rng: np.random.Generator, joined: Reals, granted: Flags) -> Reals:
    """Answers at sign-up, then by and by a change of mind, and sometimes another."""
    n = len(joined)
    answered = joined + rng.uniform(1, 3, n) * HOUR
    patience = np.where(granted, 4 * 365 * DAY, 6 * 365 * DAY)
    changed = answered + 3 * DAY + rng.exponential(1.0, n) * patience
    again = changed + 14 * DAY + rng.exponential(365 * DAY, n)
    return np.stack([answered, changed, again], axis=1)
