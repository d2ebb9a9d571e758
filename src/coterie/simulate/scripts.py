"""What happens within a visit: page views, products seen, carts filled, emptied, paid for.

A visit is a script of steps in one order: the home page, then each product's list, view and
adding to the cart, then removals, the cart page, saying who one is, the checkout and the order.
Steps are seconds to minutes apart and never more than ten.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from coterie.simulate.arrays import Flags, Ints, Reals, ragged, stream
from coterie.simulate.catalogue import BANDS, product_of
from coterie.simulate.columns import Columns, Kind, columns, joined
from coterie.simulate.orders import Orders, categories
from coterie.simulate.parameters import SECOND, ShopParameters
from coterie.simulate.people import People
from coterie.simulate.seasons import with_hours
from coterie.simulate.visits import NO_ORDER, Visits

STAGE = 4
HOME_PAGE, CART_PAGE = -1, -2

_HOME, _PRODUCTS, _EACH, _REMOVE, _CART, _IDENTIFY, _CHECKOUT, _ORDER = (
    0, 10, 4, 9_000, 9_100, 9_200, 9_300, 9_400,
)  # fmt: skip
"""Ranks of the steps; product `i` has the `_EACH` ranks from ``_PRODUCTS + _EACH * i``."""

_MEAN_STEP, _LONGEST_STEP = 30 * SECOND, 600 * SECOND


@dataclass(frozen=True)
class _Goods:
    """One row a product shown in a visit, in order; the first `n_added` go into the cart."""

    visit: Ints
    ordinal: Ints
    product: Ints
    quantity: Ints
    cents: Ints
    added: Flags

    def only(self, which: Flags) -> _Goods:
        return _Goods(*(column[which] for column in vars(self).values()))


@dataclass(frozen=True)
class _Steps:
    """One row a step: its visit, its rank there, and its event without an instant."""

    visit: Ints
    rank: Ints
    event: Columns


def play(
    wanted: ShopParameters, people: People, orders: Orders, visits: Visits, cell: int
) -> Columns:
    """Every event of a cell's visits."""
    rng = stream(wanted.seed, cell, STAGE)
    goods = _goods(rng, people, orders, visits)
    steps = _in_order([*_browse(rng, visits, goods), *_conclude(rng, people, visits, goods)])
    event = replace(
        steps.event,
        device=visits.device[steps.visit],
        known=_known(people, visits, steps),
        occurred_at=_instants(rng, visits, steps),
    )
    return replace(event, item=_with_plan(people, event))


def _goods(rng: np.random.Generator, people: People, orders: Orders, visits: Visits) -> _Goods:
    """An order's own lines first, then whatever else is looked at."""
    visit, ordinal = ragged(visits.n_shown)
    n = len(visit)
    cents = np.maximum(rng.lognormal(8.0, 0.7, n), 150).astype(np.int64)
    product = product_of(categories(rng, people, visits.row[visit]), cents)
    quantity = 1 + rng.choice(3, size=n, p=(0.8, 0.14, 0.06)).astype(np.int64)
    added = ordinal < visits.n_added[visit]
    order = visits.order[visit]
    bought = added & (order != NO_ORDER)
    line = (orders.line[order[bought]] if len(orders) else order[bought]) + ordinal[bought]
    product[bought] = orders.lines_product[line]
    quantity[bought] = orders.lines_quantity[line]
    cents[bought] = orders.lines_cents[line]
    return _Goods(visit, ordinal, product, quantity, cents, added)


def _browse(rng: np.random.Generator, visits: Visits, goods: _Goods) -> list[_Steps]:
    """Pages and products: listed, viewed, added, and now and then the first one removed."""
    every = np.arange(len(visits), dtype=np.int64)
    listed = goods.only(rng.random(len(goods.visit)) < 0.45)
    regrets = (visits.order == NO_ORDER) & (rng.random(len(visits)) < 0.15)
    removed = goods.added & (goods.ordinal == 0) & regrets[goods.visit]
    pages = columns(Kind.PAGE, visits.row[listed.visit], listed.visit,
                    item=listed.product // BANDS)  # fmt: skip
    return [
        _Steps(every, np.full(len(every), _HOME),
               columns(Kind.PAGE, visits.row, every, item=HOME_PAGE)),
        _Steps(listed.visit, _PRODUCTS + _EACH * listed.ordinal, pages),
        _of_goods(visits, goods, Kind.VIEWED, 1),
        _of_goods(visits, goods.only(goods.added), Kind.ADDED, 2),
        _of_goods(visits, goods.only(removed), Kind.REMOVED, _REMOVE),
    ]  # fmt: skip


def _of_goods(visits: Visits, goods: _Goods, kind: Kind, place: int) -> _Steps:
    event = columns(
        kind, visits.row[goods.visit], goods.visit,
        item=goods.product, quantity=goods.quantity, cents=goods.cents,
    )  # fmt: skip
    return _Steps(goods.visit, _PRODUCTS + _EACH * goods.ordinal + place, event)


def _conclude(
    rng: np.random.Generator, people: People, visits: Visits, goods: _Goods
) -> list[_Steps]:
    """The cart page, saying who one is, the checkout and the order, where they happen."""
    n = len(visits)
    orders = visits.order != NO_ORDER
    checks = orders | ((visits.n_added > 0) & (rng.random(n) < 0.25))
    looks = (visits.n_added > 0) & (rng.random(n) < 0.6)
    worth = np.bincount(goods.visit, goods.added * goods.quantity * goods.cents, n)
    items = np.bincount(goods.visit, goods.added * goods.quantity, n)
    value, quantity = worth.astype(np.int64), items.astype(np.int64)

    def step(kind: Kind, which: Flags, rank: int, item: Ints) -> _Steps:
        visit = np.flatnonzero(which)
        event = columns(
            kind, visits.row[visit], visit,
            item=item[visit], quantity=quantity[visit], cents=value[visit],
        )  # fmt: skip
        return _Steps(visit, np.full(len(visit), rank), event)

    return [
        step(Kind.PAGE, looks, _CART, np.full(n, CART_PAGE)),
        step(Kind.IDENTIFY, visits.first & people.identified[visits.row], _IDENTIFY, visits.order),
        step(Kind.CHECKOUT, checks, _CHECKOUT, visits.order),
        step(Kind.ORDER, orders, _ORDER, visits.order),
    ]


def _in_order(parts: list[_Steps]) -> _Steps:
    visit = np.concatenate([part.visit for part in parts])
    rank = np.concatenate([part.rank for part in parts])
    order = np.lexsort((rank, visit))
    return _Steps(visit[order], rank[order], joined([part.event for part in parts])[order])


def _known(people: People, visits: Visits, steps: _Steps) -> Flags:
    """Whether a step carries the person's id: after they said it, or when logged in."""
    said = np.where(
        visits.first[steps.visit], steps.rank >= _IDENTIFY, visits.logged_in[steps.visit]
    )
    return (said | (steps.rank >= _CHECKOUT)) & people.identified[steps.event.row]


def _instants(rng: np.random.Generator, visits: Visits, steps: _Steps) -> Ints:
    """Instants that increase through the visit and begin, or for an order end, at its anchor."""
    drawn: Reals = np.minimum(rng.exponential(_MEAN_STEP, len(steps.visit)), _LONGEST_STEP)
    passed = np.cumsum(2 * SECOND + drawn.astype(np.int64))
    last = np.searchsorted(steps.visit, np.arange(len(visits)), side="right") - 1
    first = np.searchsorted(steps.visit, np.arange(len(visits)), side="left")
    held = np.where(visits.order == NO_ORDER, passed[first], passed[last])
    at: Ints = (visits.anchor - held)[steps.visit] + passed
    return at


def _with_plan(people: People, event: Columns) -> Ints:
    """The items, with the plan held at the time in those of identify events."""
    plus = with_hours(np.minimum(people.plus, 2.0**61))
    held = (event.occurred_at >= plus[event.row]).astype(np.int64)
    return np.where(event.kind == Kind.IDENTIFY, held, event.item)


def upgrades(people: People) -> Columns:
    """The identify events by which the shop says who took the paid plan."""
    row = np.flatnonzero(np.isfinite(people.plus))
    return columns(Kind.IDENTIFY, row, with_hours(people.plus[row]), item=1)


def refunds(orders: Orders) -> Columns:
    """The events of money given back."""
    order = np.flatnonzero(orders.refunded > 0)
    return columns(
        Kind.REFUND, orders.row[order], orders.refunded_at[order],
        item=order, cents=-orders.refunded[order],
    )  # fmt: skip
