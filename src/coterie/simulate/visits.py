"""Visits to the shop: whose, when, on which device, and how much is looked at and carted.

A visit for an order ends with it, at the order's own instant; any other begins at its own and
ends with nothing bought, so a cart in it stays without an order until the person's next order,
if there is one. What happens within a visit is :mod:`coterie.simulate.scripts`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coterie.simulate import personas
from coterie.simulate.arrays import Flags, Ints, Reals, ragged, stream
from coterie.simulate.columns import Columns
from coterie.simulate.orders import Orders
from coterie.simulate.parameters import HOUR, ShopParameters
from coterie.simulate.people import People
from coterie.simulate.seasons import Season, with_hours, without_hours

STAGE = 3
NO_ORDER = -1
_AFTER_DROPOUT = 0.15
"""The part of their visits that people keep up once they have stopped buying for good."""


@dataclass(frozen=True)
class Visits:
    """One row a visit; `anchor` is its start, or for an order its end, in microseconds UTC.

    `order` is the order's row or `NO_ORDER`; `first` marks the first visit on a device, which is
    anonymous until the person says who they are near its end; later ones are `logged_in` or not.
    """

    row: Ints
    anchor: Ints
    order: Ints
    device: Ints
    first: Flags
    logged_in: Flags
    n_shown: Ints
    n_added: Ints

    def __len__(self) -> int:
        return len(self.row)


def draw_visits(
    wanted: ShopParameters, people: People, orders: Orders, clicks: Columns, cell: int
) -> Visits:
    """The sign-up visit of each, those that led to orders, those from letters, and the rest."""
    rng = stream(wanted.seed, cell, STAGE)
    everyone = np.arange(len(people), dtype=np.int64)
    browsing, starts = _browsing(rng, wanted, people, orders)
    row = np.concatenate([everyone, browsing, clicks.row, orders.row])
    anchor = np.concatenate(
        [with_hours(people.joined), with_hours(starts), clicks.occurred_at, orders.occurred_at]
    )
    n_free = len(row) - len(orders)
    order = np.concatenate([np.full(n_free, NO_ORDER), np.arange(len(orders), dtype=np.int64)])
    signs_up = np.arange(len(row)) < len(people)
    device = _device(rng, people, row)
    device[signs_up | (anchor > wanted.until - 2 * HOUR)] = 0
    added = _carts(rng, people, row)
    added[signs_up] = 0
    n_added = np.concatenate([added[:n_free], orders.n_lines])
    shown = n_added + rng.poisson(np.where(order == NO_ORDER, 1.0, 0.4))
    return Visits(
        row=row,
        anchor=anchor,
        order=order,
        device=device,
        first=_first_on_device(row, device, anchor),
        logged_in=rng.random(len(row)) < 0.7,
        n_shown=shown,
        n_added=n_added,
    )


def _browsing(
    rng: np.random.Generator, wanted: ShopParameters, people: People, orders: Orders
) -> tuple[Ints, Reals]:
    """Poisson visits by the season, fewer after the person stopped buying."""
    start, end = without_hours(wanted.start), without_hours(wanted.until)
    until = np.full(len(people), end)
    gifts = personas.LIKES_GIFTS[people.persona]
    rate = personas.figures("visits")[people.persona] * rng.gamma(2.0, 0.5, len(people))
    rows, starts = [], []
    for season, theirs in ((Season(start, end), ~gifts), (Season(start, end, gifts=True), gifts)):
        weeks = np.where(theirs, season.weeks(people.joined, until), 0.0)
        row, _ = ragged(rng.poisson(rate * weeks))
        drawn = season.draw(people.joined[row], until[row], rng.random(len(row)))
        kept = (drawn < orders.dropped[row]) | (rng.random(len(row)) < _AFTER_DROPOUT)
        rows.append(row[kept])
        starts.append(drawn[kept])
    return np.concatenate(rows), np.concatenate(starts)


def _device(rng: np.random.Generator, people: People, row: Ints) -> Ints:
    """The favourite device six times in ten, else any of the person's."""
    other = (rng.random(len(row)) * people.n_devices[row]).astype(np.int64)
    return np.where(rng.random(len(row)) < 0.6, 0, other)


def _carts(rng: np.random.Generator, people: People, row: Ints) -> Ints:
    fills = rng.random(len(row)) < personas.figures("p_cart")[people.persona[row]]
    return np.where(fills, np.minimum(1 + rng.poisson(0.9, len(row)), 6), 0)


def _first_on_device(row: Ints, device: Ints, anchor: Ints) -> Flags:
    by_device = np.lexsort((anchor, device, row))
    whose = row[by_device] * 16 + device[by_device]
    first = np.zeros(len(row), dtype=np.bool_)
    first[by_device[np.diff(whose, prepend=-1) != 0]] = True
    return first
