"""Events as columns: what the stages produce, and the kinds they are of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from coterie.simulate.arrays import Flags, Ints

NO_DEVICE = -1


class Kind(IntEnum):
    """The kinds of events, and the meaning of a row's `item`, `quantity` and `cents`."""

    IDENTIFY = 0
    """`item`: the plan's index."""
    PAGE = 1
    """`item`: the category's index, -1 for the home page, -2 for the cart."""
    VIEWED = 2
    """`item`: the product's index, with its price."""
    ADDED = 3
    """`item`: the product's index, with quantity and price."""
    REMOVED = 4
    """As `ADDED`."""
    CHECKOUT = 5
    """`item`: the order's index or -1; `quantity` of products; `cents` of value."""
    ORDER = 6
    """`item`: the order's index."""
    REFUND = 7
    """`item`: the order's index; negative `cents`."""
    DELIVERED = 8
    """`item`: the day (since 1970) of the letter."""
    OPENED = 9
    """As `DELIVERED`."""
    CLICKED = 10
    """As `DELIVERED`; `quantity`: the category linked to."""
    CONSENT = 11
    """`item`: 1 when granted."""


REFERS_TO_ORDER = (Kind.CHECKOUT, Kind.ORDER, Kind.REFUND)
FROM_MAIL = (Kind.DELIVERED, Kind.OPENED, Kind.CLICKED)


@dataclass(frozen=True)
class Columns:
    """One row an event. `row` is the person's; `known` whether the event carries their id."""

    kind: Ints
    row: Ints
    device: Ints
    known: Flags
    occurred_at: Ints
    item: Ints
    quantity: Ints
    cents: Ints

    def __len__(self) -> int:
        return len(self.kind)

    def __getitem__(self, rows: Ints | Flags) -> Columns:
        return Columns(*(getattr(self, field.name)[rows] for field in fields(self)))


def columns(
    kind: Kind,
    row: Ints,
    occurred_at: Ints,
    *,
    device: Ints | int = NO_DEVICE,
    known: Flags | bool = True,
    item: Ints | int = 0,
    quantity: Ints | int = 0,
    cents: Ints | int = 0,
) -> Columns:
    """Events of one kind; a single value holds for all of them."""
    n = len(row)

    def whole(values: Ints | int) -> Ints:
        return np.broadcast_to(np.asarray(values, dtype=np.int64), n)

    flags = np.broadcast_to(np.asarray(known, dtype=np.bool_), n)
    return Columns(
        whole(int(kind)), row, whole(device), flags,
        occurred_at, whole(item), whole(quantity), whole(cents),
    )  # fmt: skip


def joined(parts: Sequence[Columns]) -> Columns:
    """The rows of all parts, one part after the other."""
    names = [field.name for field in fields(Columns)]
    return Columns(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
