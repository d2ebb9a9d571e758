"""A generated file of order lines, as a shop's database would export it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv

from common.events import DATA

BLOCK = 500_000
LINE_BYTES = 104
"""Bytes of a line, on average."""
PER_ORDER = 20


def lines_of(n_lines: int) -> Path:
    """A CSV file of so many lines, made on first use: 20 an order, 1 % of them given twice."""
    path = DATA / f"lines-{n_lines}.csv"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with csv.CSVWriter(part, _block(0, 1).schema) as writer:
            for i, start in enumerate(range(0, n_lines, BLOCK)):
                writer.write_table(_block(start, min(BLOCK, n_lines - start), i))
        part.rename(path)
    return path


def _block(start: int, n: int, seed: int = 0) -> pa.Table:
    rng = np.random.default_rng([4, seed])
    order = (start + np.arange(n)) // PER_ORDER
    at = np.datetime64("2023-01-01T00:00", "s") + (order * 7) % (2 * 365 * 86_400)
    product = rng.integers(0, 4_000, n)
    table = pa.table({
        "order": pa.array(500_000 + order),
        "customer": pa.array(10_000 + (order * 2_654_435_761) % max(1, order[-1] // 5 + 50_000)),
        "date": pa.array(at),
        "product": _labelled("SKU-", product),
        "description": _labelled("ASSORTED GIFT BOX OF SWEETS NO ", product),
        "quantity": pa.array(rng.integers(1, 25, n)),
        "price": pa.array(_amounts(95 + product % 2_000)),
        "country": pa.array(["United Kingdom", "France", "Germany"]).take(pa.array(order % 3)),
    })  # fmt: skip
    twice = np.sort(np.concatenate([np.arange(n), rng.choice(n, n // 100, replace=False)]))[:n]
    return table.take(pa.array(twice))


def _amounts(cents: np.ndarray[Any, Any]) -> list[str]:
    return [f"{amount // 100}.{amount % 100:02}" for amount in cents.tolist()]


def _labelled(label: str, numbers: np.ndarray[Any, Any]) -> pa.Array:
    texts = pa.array(numbers).cast(pa.string())
    return pc.binary_join_element_wise(pa.scalar(label), texts, "")
