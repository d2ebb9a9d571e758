"""Writing a simulated shop to files, a batch of events at a time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from coterie.language.events import Event
from coterie.language.plan import TrackingPlan

_JSON = msgspec.json.Encoder(decimal_format="number")
_INSTANT = pa.timestamp("us", tz="UTC")
_TEXTS = ("source", "message_id", "name", "type", "user_id", "anonymous_id")
_INSTANTS = ("occurred_at", "received_at")
_NESTED = ("properties", "context")
_SCHEMA = pa.schema(
    [(name, pa.string()) for name in _TEXTS]
    + [(name, _INSTANT) for name in _INSTANTS]
    + [(name, pa.string()) for name in _NESTED]
)


def write_plan(plan: TrackingPlan, path: Path) -> None:
    """Write a tracking plan as indented JSON."""
    path.write_bytes(msgspec.json.format(_JSON.encode(plan), indent=2) + b"\n")


def write_json_lines(batches: Iterable[list[Event]], path: Path) -> None:
    """Write one JSON object a line, instants as microseconds UTC."""
    with path.open("wb") as file:
        for batch in batches:
            file.write(_JSON.encode_lines(batch))


def write_parquet(batches: Iterable[list[Event]], path: Path) -> None:
    """Write one row an event, what is nested as JSON text."""
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(_record_batch(batch))


def _record_batch(batch: list[Event]) -> pa.RecordBatch:
    plain = {name: [getattr(event, name) for event in batch] for name in _TEXTS + _INSTANTS}
    nested = {
        name: [_JSON.encode(getattr(event, name)).decode() for event in batch] for name in _NESTED
    }
    return pa.RecordBatch.from_pydict(plain | nested, schema=_SCHEMA)
