"""What is bought: BG/NBD instants, Gamma-Gamma amounts, lines that sum to them, refunds.

Fader, Hardie & Lee (2005): while a person is active, the time between orders is exponential
with their rate; after every repeat order they stop for good with their probability `p_dropout`.
The clock starts at the first order, after which nobody stops. Fader & Hardie (2013): an order's
value is a gamma of fixed shape whose rate is the person's `nu`, independent of how often they
buy. Values are rounded to cents, and kept between one euro and ten million. Nothing else
(persona, season, coupon) moves either process.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coterie.simulate import personas
from coterie.simulate.arrays import Flags, Ints, Reals, Words, choose, ragged, scramble, stream
from coterie.simulate.catalogue import COUPONS, product_of
from coterie.simulate.parameters import DAY, WEEK, ShopParameters
from coterie.simulate.people import NEVER, People
from coterie.simulate.seasons import with_hours, without_hours

STAGE = 1
_LEAST_CENTS, _MOST_CENTS = 100, 1_000_000_000
_MOST_LINES = 6
_MOST_ORDERS_BITS = 20


@dataclass(frozen=True)
class Orders:
    """One row an order, by person and time; `row` is the person's row in their cell.

    `coupon` is an index or -1; `refunded` the cents given back at `refunded_at` (0: none). Lines
    `line[i]` to `line[i] + n_lines[i]` of the `lines_*` columns are the order's.
    `dropped` is one row a person: when they stopped for good in even time, `NEVER` if not yet.
    """

    row: Ints
    even: Reals
    number: Words
    cents: Ints
    coupon: Ints
    line: Ints
    n_lines: Ints
    refunded: Ints
    refunded_at: Ints
    lines_product: Ints
    lines_quantity: Ints
    lines_cents: Ints
    dropped: Reals

    def __len__(self) -> int:
        return len(self.row)

    @property
    def occurred_at(self) -> Ints:
        """When each was placed, in microseconds UTC."""
        return with_hours(self.even)


def draw_orders(wanted: ShopParameters, people: People, cell: int) -> Orders:
    """Every order of a cell's people up to the end of the shop's time."""
    rng = stream(wanted.seed, cell, STAGE)
    row, even, dropped = _instants(rng, people, without_hours(wanted.until))
    value = rng.gamma(wanted.spend_p, 1.0, len(row)) / people.nu[row]
    cents = np.clip(np.rint(value * 100), _LEAST_CENTS, _MOST_CENTS).astype(np.int64)
    n_lines = np.minimum(1 + rng.poisson(0.7, len(row)), _MOST_LINES)
    n_lines = np.minimum(n_lines, cents // _LEAST_CENTS)
    order, ordinal = ragged(n_lines)
    quantity, price = _prices(rng, cents, n_lines, order, ordinal)
    category = categories(rng, people, row[order])
    first = np.cumsum(n_lines) - n_lines
    refunded, refunded_at = _refunds(rng, cents, with_hours(even), quantity, price, first)
    nth = np.arange(len(row)) - np.searchsorted(row, row)
    return Orders(
        row=row,
        even=even,
        number=scramble((people.number[row] << _MOST_ORDERS_BITS) + nth, wanted.seed + 1),
        cents=cents,
        coupon=_coupons(rng, people.persona[row]),
        line=first,
        n_lines=n_lines,
        refunded=refunded,
        refunded_at=refunded_at,
        lines_product=product_of(category, price),
        lines_quantity=quantity,
        lines_cents=price,
        dropped=dropped,
    )


def _instants(rng: np.random.Generator, people: People, end: float) -> tuple[Ints, Reals, Reals]:
    """The person and instant of every order, and when each person stopped for good."""
    dropped = np.full(len(people), NEVER)
    active = np.flatnonzero(people.first_order <= end)
    instant = people.first_order[active]
    rows, instants = [active], [instant]
    while len(active):
        instant = instant + rng.exponential(1.0, len(active)) / people.rate[active] * WEEK
        seen = instant <= end
        active, instant = active[seen], instant[seen]
        rows.append(active)
        instants.append(instant)
        stays = rng.random(len(active)) >= people.p_dropout[active]
        dropped[active[~stays]] = instant[~stays]
        active, instant = active[stays], instant[stays]
    row, even = np.concatenate(rows), np.concatenate(instants)
    order = np.lexsort((even, row))
    return row[order], even[order], dropped


def _prices(
    rng: np.random.Generator, cents: Ints, n_lines: Ints, order: Ints, ordinal: Ints
) -> tuple[Ints, Ints]:
    """Quantities and unit prices whose products sum to the order, to the cent."""
    weight = rng.uniform(0.3, 1.0, len(order))
    share = weight / np.bincount(order, weight, len(cents))[order]
    lead: Flags = ordinal == 0
    quantity = np.where(lead, 1, 1 + rng.choice(3, size=len(order), p=(0.75, 0.17, 0.08)))
    price = np.maximum((share * cents[order]).astype(np.int64) // quantity, 1)
    others = np.bincount(order, np.where(lead, 0, price * quantity), len(cents))
    price[lead] = cents[order[lead]] - others.astype(np.int64)[order[lead]]
    return quantity.astype(np.int64), price


def categories(rng: np.random.Generator, people: People, row: Ints) -> Ints:
    """A category for each: half the time the person's favourite, else by the persona's taste."""
    tasted = choose(rng, personas.tastes(), people.persona[row])
    return np.where(rng.random(len(row)) < 0.5, people.favourite[row], tasted)


def _coupons(rng: np.random.Generator, persona: Ints) -> Ints:
    used = rng.random(len(persona)) < personas.figures("p_coupon")[persona]
    return np.where(used, rng.integers(0, len(COUPONS), len(persona)), -1)


def _refunds(
    rng: np.random.Generator, cents: Ints, at: Ints, quantity: Ints, price: Ints, first: Ints
) -> tuple[Ints, Ints]:
    """One order in twenty-five is given back within weeks, whole or its first line."""
    n = len(cents)
    whole, back = rng.random(n) < 0.6, rng.random(n) < 0.04
    amount = np.where(whole, cents, (quantity * price)[first])
    days = rng.uniform(3, 20, n)
    return np.where(back, amount, 0), at + (days * DAY).astype(np.int64)
