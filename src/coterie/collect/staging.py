"""Rows wait here, on disk where they must, until the rows of one fact stand together."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import duckdb
import pyarrow as pa

from coterie.errors import StoreError

MEMORY = "192MB"
"""What DuckDB may hold before it spills; the rest of an import takes about as much again."""

BATCH = 5_000
_ROWS = pa.schema(
    [("file", pa.int32()), ("row", pa.int64()), ("part", pa.int32()), ("instant", pa.int64()),
     ("fact", pa.string()), ("twin", pa.int64()), ("person", pa.string()), ("item", pa.string()),
     ("body", pa.string()), ("raw", pa.string())]
)  # fmt: skip
_REFUSED = pa.schema(
    [("file", pa.int32()), ("row", pa.int64()), ("reason", pa.string()), ("detail", pa.string()),
     ("person", pa.string()), ("cells", pa.bool_()), ("raw", pa.string()), ("repeat", pa.int64())]
)  # fmt: skip


class Staged(NamedTuple):
    """One row of one fact: `part` 0 is what the row says, later parts its consents."""

    fact: str
    file: int
    row: int
    part: int
    body: str
    raw: str


class Refusal(NamedTuple):
    """One row that cannot be a fact; `repeat` counts equal rows before it.

    `cells` is false where the row could not even be split.
    """

    file: int
    row: int
    reason: str
    detail: str
    person: str | None
    cells: bool
    raw: str
    repeat: int = 0


class Counted(NamedTuple):
    """What only the whole can tell."""

    facts: int
    people: int
    items: int
    repeated: int


class Staging:
    """The rows of one import, in a folder of its own that leaves nothing behind.

    Parameters
    ----------
    folder : Path
        Where a temporary folder may be made; rows spill into it, and it is deleted at the end.
    """

    def __init__(self, folder: Path) -> None:
        with roomy(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self.folder = Path(tempfile.mkdtemp(prefix="import-", dir=folder))
        self._db = duckdb.connect(
            config={
                "memory_limit": MEMORY, "temp_directory": str(self.folder), "threads": 2,
                "preserve_insertion_order": False,
            }
        )  # fmt: skip
        self._rows: list[tuple[Any, ...]] = []
        self._refused: list[Refusal] = []
        for name, schema in (("staged", _ROWS), ("refused", _REFUSED)):
            self._db.from_arrow(schema.empty_table()).create(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, staged: Staged, at: int, twin: int, person: str | None, item: str | None) -> None:
        """Keep one row; `twin` is equal for equal rows of a file."""
        fact, file, row, part, body, raw = staged
        self._rows.append((file, row, part, at, fact, twin, person, item, body, raw))
        if len(self._rows) >= BATCH:
            self._keep()

    def refuse(self, refusal: Refusal) -> None:
        """Keep one row that cannot be a fact."""
        self._refused.append(refusal)
        if len(self._refused) >= BATCH:
            self._keep()

    def refusals(self) -> Iterator[Refusal]:
        """The refused rows, in the order of their files."""
        yield from map(
            Refusal._make,
            self._query(
                "SELECT file, row, reason, detail, person, cells, raw, "
                "row_number() OVER (PARTITION BY raw ORDER BY file, row) - 1 "
                "FROM refused ORDER BY file, row"
            ),
        )

    def sorted(self) -> Iterator[Staged]:
        """The rows, those of one fact together, facts by their first instant."""
        yield from map(
            Staged._make,
            self._query(
                "SELECT s.fact, s.file, s.row, s.part, s.body, s.raw FROM staged s JOIN "
                "(SELECT fact, min(instant) AS first FROM staged GROUP BY fact) f USING (fact) "
                "ORDER BY f.first, s.fact, s.file, s.row, s.part"
            ),
        )

    def counted(self) -> Counted:
        """How many facts, people, items, and rows that repeat an earlier one exactly."""
        counts = next(
            self._query(
                "SELECT count(DISTINCT fact), count(DISTINCT person), count(DISTINCT item), "
                "count(*) - count(DISTINCT twin) FROM staged WHERE part = 0"
            )
        )
        return Counted(*counts)

    def _query(self, sql: str) -> Iterator[tuple[Any, ...]]:
        self._keep()
        with roomy(self.folder):
            cursor = self._db.cursor().execute(sql)
            while rows := cursor.fetchmany(BATCH):
                yield from rows

    def _keep(self) -> None:
        with roomy(self.folder):
            for name, schema, rows in (
                ("staged", _ROWS, self._rows),
                ("refused", _REFUSED, self._refused),
            ):
                if rows:
                    columns = [
                        pa.array(column, field.type)
                        for column, field in zip(zip(*rows, strict=True), schema, strict=True)
                    ]
                    batch = pa.Table.from_arrays(columns, schema=schema)
                    self._db.from_arrow(batch).insert_into(name)
                    rows.clear()


@contextmanager
def roomy(folder: Path) -> Iterator[None]:
    """Say a full or unwritable disk as a `StoreError`; the stores are as they were."""
    try:
        yield
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise StoreError(
            "there is no room to sort the rows of this import", where=str(folder),
            got=type(error).__name__, hint="free some space on this disk and import again",
        ) from error  # fmt: skip
