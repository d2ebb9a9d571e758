"""A shop's events as columns of numbers in files, for those who read no Arrow."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa

from common.clicks import SHARES, Batch, names_of
from coterie.engines.sql.sources import column

FILES = {"person": "i32", "at": "i64", "kind": "u8", "cents": "i32"}
TYPES = {"i32": np.int32, "i64": np.int64, "u8": np.uint8}


def write(folder: Path, batches: Iterable[Batch], n_people: int) -> None:
    """Write the columns in the order of arrival, the people's ids, and each batch's clock."""
    folder.mkdir(parents=True, exist_ok=True)
    names, clocks = names_of(n_people), []
    places = np.argsort(_lower(names))
    (folder / "names.txt").write_text("\n".join(names.to_pylist()))
    files = {name: (folder / f"{name}.{kind}").open("wb") for name, kind in FILES.items()}
    for batch in batches:
        clocks.append(batch.clock)
        for number, name in enumerate(SHARES):
            if name in batch.tables:
                for each, values in _columns(number, batch.tables[name], places).items():
                    values.astype(TYPES[FILES[each]]).tofile(files[each])
    for file in files.values():
        file.close()
    np.array(clocks, np.int64).tofile(folder / "clock.i64")


def _lower(names: pa.Array) -> np.ndarray:
    """The lower half of an id: a number of its own for everybody, from zero on."""
    halves = np.frombuffer(names.buffers()[-1], "S16", 2 * len(names))[1::2]
    return np.frombuffer(bytes.fromhex(b"".join(halves.tolist()).decode()), ">u8").astype(np.int64)


def _columns(number: int, table: pa.Table, places: np.ndarray) -> dict[str, np.ndarray]:
    paid = column("revenue") in table.column_names
    return {
        "person": places[_lower(table["profile"].combine_chunks())],
        "at": table["at"].to_numpy(),
        "kind": np.full(table.num_rows, number),
        "cents": table[column("revenue")].to_numpy() if paid else np.zeros(table.num_rows),
    }
