"""A decoded search of every store for given bytes, which first proves that it can find."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from mmap import ACCESS_READ, mmap
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from coterie.errors import StoreError
from coterie.storage import packs
from coterie.storage.columns import quoted

CONTROL = b"positive-control-3b1f9c60d2"
"""What is planted, in every format, and must be found before a scan is believed."""

_BATCH = 100_000
_ROWS = 1_000
_ESCAPE = re.compile(rb"\\u([0-9A-Fa-f]{4})")


class Finding(msgspec.Struct, frozen=True, order=True):
    """One place that holds one of the wanted byte strings.

    Parameters
    ----------
    file : str
        Below the scanned folder.
    place : str
        ``bytes`` for the file as it lies on disk, ``text`` for decoded JSON, else a table or
        a column.
    wanted : int
        Which of the byte strings, by its position in what was asked; never its value.
    """

    file: str
    place: str
    wanted: int


def scan(folder: Path, wanted: Sequence[bytes]) -> list[Finding]:
    """Search every file below a folder, as bytes and decoded, for byte strings.

    SQLite files are read page by page and table by table, the log's packs unpacked, Parquet files
    (checkpoints of Delta tables too) column by column, and escapes in JSON are undone.

    Parameters
    ----------
    wanted : sequence of bytes
        UTF-8 of the personal values; digits are also looked for among whole numbers.

    Returns
    -------
    list of Finding
        Empty when nothing is left.

    Raises
    ------
    StoreError
        A planted control was not found, so that finding nothing would mean nothing; or a file
        cannot be decoded.
    """
    _prove()
    return _search(folder, wanted)


def _search(folder: Path, wanted: Sequence[bytes]) -> list[Finding]:
    found: set[Finding] = set()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        for place, hits in _places(path, wanted):
            found |= {Finding(name, place, hit) for hit in hits}
    return sorted(found)


def _places(path: Path, wanted: Sequence[bytes]) -> Iterator[tuple[str, set[int]]]:
    if not path.stat().st_size:
        return
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as raw:
        yield "bytes", {i for i, value in enumerate(wanted) if raw.find(value) >= 0}
        start = raw[:16]
    if start.startswith(b"PAR1"):
        yield from _parquet(path, wanted)
    elif start == b"SQLite format 3\0":
        yield from _sqlite(path, wanted)
    elif path.suffix == ".json":
        yield "text", _within(_unescaped(path.read_bytes()), wanted)


def _within(raw: bytes, wanted: Iterable[bytes]) -> set[int]:
    return {i for i, value in enumerate(wanted) if value in raw}


def _unescaped(raw: bytes) -> bytes:
    """The bytes with JSON's escapes undone, wherever they stand."""
    if b"\\u" not in raw:
        return raw
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)).encode("utf-8", "surrogatepass"), raw)


def _parquet(path: Path, wanted: Sequence[bytes]) -> Iterator[tuple[str, set[int]]]:
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH):
                for name, column in zip(batch.schema.names, batch.columns, strict=True):
                    for leaf in _leaves(column):
                        yield name, _among(leaf, wanted)
    except (pa.ArrowException, OSError) as error:
        raise StoreError(
            "a file of the lake cannot be decoded, so it cannot be searched",
            where=path.name,
            got=type(error).__name__,
        ) from error


def _leaves(array: pa.Array) -> Iterator[pa.Array]:
    """The arrays of plain values inside a nested one."""
    kind = array.type
    if pa.types.is_struct(kind):
        for child in array.flatten():
            yield from _leaves(child)
    elif pa.types.is_map(kind):
        yield from _leaves(array.keys)
        yield from _leaves(array.items)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _leaves(array.flatten())
    elif pa.types.is_dictionary(kind):
        yield array.dictionary
    else:
        yield array


def _among(array: pa.Array, wanted: Sequence[bytes]) -> set[int]:
    """Which byte strings occur inside the values of a plain column."""
    kind = array.type
    if pa.types.is_integer(kind):
        numbers = {i: int(value) for i, value in enumerate(wanted) if _is_number(value)}
        values = set(pc.unique(array).to_pylist()) if numbers else set()
        return {i for i, number in numbers.items() if number in values}
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        array = array.cast(pa.large_binary())
    elif not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        return set()
    values = pc.unique(array).drop_null().to_pylist()
    return _within(_unescaped(b"\n".join(values)), wanted)


def _is_number(value: bytes) -> bool:
    """Whether digits are long enough to mean somebody, and not any count or price."""
    return value.isdigit() and len(value) >= 7


def _sqlite(path: Path, wanted: Sequence[bytes]) -> Iterator[tuple[str, set[int]]]:
    uri = f"{path.resolve().as_uri()}?mode=ro"
    try:
        connection = sqlite3.connect(uri, uri=True)
        try:
            query = "SELECT name FROM sqlite_master WHERE type = 'table'"
            for (table,) in connection.execute(query).fetchall():
                rows = connection.execute(f"SELECT * FROM {quoted(table)}")  # noqa: S608 - quoted
                while some := rows.fetchmany(_ROWS if table != "pack" else 1):
                    cells = (_unescaped(_bytes(cell)) for row in some for cell in row)
                    yield table, _within(b"\n".join(cells), wanted)
                    if table == "pack":
                        yield table, _within(_unescaped(packs.Pack(*some[0]).opened()), wanted)
        finally:
            connection.close()
    except (sqlite3.Error, pa.ArrowException, OSError) as error:
        raise StoreError(
            f"a store cannot be decoded, so it cannot be searched: {error}", where=path.name
        ) from error


def _bytes(cell: object) -> bytes:
    return cell if isinstance(cell, bytes) else str(cell).encode()


def _prove() -> None:
    """Plant the control in every format, hidden from a search of plain bytes, and find it."""
    with tempfile.TemporaryDirectory(prefix="coterie-control-") as name:
        folder = Path(name)
        text = CONTROL.decode()
        rows = pa.table({"nested": [[{"text": text}]] * 100, "plain": [text] * 100})
        pq.write_table(rows, folder / "table.parquet", compression="zstd")
        connection = sqlite3.connect(folder / "store.db")
        connection.execute("CREATE TABLE control (value TEXT)")
        connection.execute("INSERT INTO control VALUES (?)", ["x" * 10_000 + text])
        connection.execute(packs.SCHEMA)
        packs.add(connection, packs.packed([1, 2], [0, 0], [CONTROL, b"x" + CONTROL]))
        connection.commit()
        connection.close()
        escaped = "".join(f"\\u{ord(character):04x}" for character in text)
        (folder / "commit.json").write_text(f'{{"value": "{escaped}"}}')
        found = {(f.file, f.place) for f in _search(folder, [CONTROL])}
    planted = {
        ("table.parquet", "nested"),
        ("table.parquet", "plain"),
        ("store.db", "control"),
        ("store.db", "pack"),
        ("commit.json", "text"),
    }
    if not planted <= found:
        missed = ", ".join(sorted(f"{file} {place}" for file, place in planted - found))
        raise StoreError("the scan does not find what was planted for it", where=missed)
