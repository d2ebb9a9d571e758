"""What was planted and what came of it: one row a person, for checking what others infer."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from coterie.simulate import personas
from coterie.simulate.arrays import Flags, Ints
from coterie.simulate.cells import Cell, draw_cell
from coterie.simulate.columns import Columns, Kind
from coterie.simulate.letters import consented
from coterie.simulate.parameters import ShopParameters
from coterie.simulate.render import device_ids, money, user_id

SPEND = pa.decimal128(18, 2)
INSTANT = pa.timestamp("us", tz="UTC")


def truth_of(wanted: ShopParameters, numbers: Iterable[int]) -> pa.Table:
    """The truth about the people of these cells, in order of their number."""
    return pa.concat_tables([_truth(wanted, draw_cell(wanted, number)) for number in numbers])


def _truth(wanted: ShopParameters, cell: Cell) -> pa.Table:
    deliveries = cell.deliveries
    seen = deliveries.event[~deliveries.again]
    n = len(cell.people)
    devices = _anonymous_ids(seen, cell, wanted.seed)
    return pa.table(
        _planted(wanted, cell)
        | {"anonymous_ids": devices, "n_devices": devices.value_lengths()}
        | _happened(cell, seen)
        | {
            "n_late": _count(deliveries.event.row[deliveries.late & ~deliveries.again], n),
            "n_duplicate": _count(deliveries.event.row[deliveries.again], n),
        }
    )


def _planted(wanted: ShopParameters, cell: Cell) -> dict[str, pa.Array]:
    """What was drawn before anything happened; null where it means nothing for the person."""
    people = cell.people
    persona = people.persona.tolist()
    never = ~personas.BUYS[people.persona]
    by_chance = personas.IS_BG_NBD[people.persona]
    end = np.array([wanted.until], dtype=np.int64)
    return {
        "user_id": pa.array(
            [user_id(number) for number in people.number.tolist()], mask=~people.identified
        ),
        "persona": pa.array([personas.NAMES[i] for i in persona]),
        "process": pa.array([personas.PERSONAS[i].buying for i in persona]),
        "lambda": pa.array(people.rate, mask=never),
        "p": pa.array(people.p_dropout, mask=~by_chance),
        "nu": pa.array(people.nu, mask=never),
        "mean_spend": pa.array(wanted.spend_p / people.nu, mask=never),
        "alive": pa.array(~np.isfinite(cell.orders.dropped), mask=never),
        "marketing_consent": pa.array(consented(people, end)[:, 0]),
    }


def _happened(cell: Cell, seen: Columns) -> dict[str, pa.Array]:
    """What the events say, each counted once."""
    n, orders = len(cell.people), cell.orders
    everyone = np.arange(n)
    first = np.searchsorted(orders.row, everyone)
    n_orders = np.searchsorted(orders.row, everyone, side="right") - first
    returned = seen[seen.kind == Kind.REFUND]
    return {
        "n_events": _count(seen.row, n),
        "n_consents": _count(seen.row[seen.kind == Kind.CONSENT], n),
        "n_orders": pa.array(n_orders),
        "revenue": _amounts(orders.row, orders.cents, n),
        "refunded": _amounts(returned.row, -returned.cents, n),
        "first_order_at": _moments(orders.occurred_at, first, n_orders > 0),
        "last_order_at": _moments(orders.occurred_at, first + n_orders - 1, n_orders > 0),
    }


def _count(row: Ints, n: int) -> pa.Array:
    return pa.array(np.bincount(row, minlength=n))


def _moments(at: Ints, where: Ints, present: Flags) -> pa.Array:
    instants = np.zeros(len(where), dtype=np.int64)
    instants[present] = at[where[present]]
    return pa.array(instants, mask=~present).cast(INSTANT)


def _amounts(row: Ints, cents: Ints, n: int) -> pa.Array:
    """The sum of each row's cents as an exact amount (sums below 2^53 are exact)."""
    sums = np.rint(np.bincount(row, cents.astype(np.float64), n)).astype(np.int64)
    return pa.array([money(cents) for cents in sums.tolist()], SPEND)


def _anonymous_ids(seen: Columns, cell: Cell, seed: int) -> pa.Array:
    """The identifiers of the devices that each person was seen on."""
    seen = seen[seen.device >= 0]
    devices = np.unique(cell.people.number[seen.row] * 16 + seen.device)
    ends = np.searchsorted(devices // 16, cell.people.number, side="right")
    offsets = pa.array(np.concatenate([[0], ends]).astype(np.int32))
    return pa.ListArray.from_arrays(offsets, pa.array(device_ids(devices, seed), pa.string()))
