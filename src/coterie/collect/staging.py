"""Rows wait here, on disk, until the rows of one fact stand together."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import duckdb
import pyarrow as pa

from coterie.collect.spool import ROWS, Spool, roomy
from coterie.storage.stopping import watched

MEMORY = "192MB"
"""What DuckDB may hold before it spills; the rest of an import takes about as much again."""

SHARE = 800_000_000
"""Characters of text that are sorted at once. What a sort must hold grows with its rows, spilled
or not: 19 million order lines, ten times as much, do not fit `MEMORY` in every order."""

WIDE, WIDE_SHARE = 500, 80_000_000
"""Characters of a row, on average, from which on fewer are sorted at once, and how many then: what
is long does not leave the memory while it is sorted (300,000 rows of 1,500 do not fit `MEMORY`)."""

GROUPED = 8_000_000
"""Rows whose facts are found at once, for the same reason."""

BLOCK = 1_000
"""Facts that stay in one share."""

BATCH = 2_000
_ROWS = pa.schema(
    [("file", pa.int32()), ("row", pa.int64()), ("part", pa.int32()), ("instant", pa.int64()),
     ("fact", pa.string()), ("twin", pa.int64()), ("person", pa.string()), ("item", pa.string()),
     ("size", pa.int64()), ("body", pa.string()), ("raw", pa.string())]
)  # fmt: skip
_REFUSED = pa.schema(
    [("file", pa.int32()), ("row", pa.int64()), ("reason", pa.string()), ("detail", pa.string()),
     ("person", pa.string()), ("cells", pa.bool_()), ("raw", pa.string())]
)  # fmt: skip

_REPEATS = """
SELECT row_number() OVER (PARTITION BY text ORDER BY place) - 1
FROM (SELECT md5_number(raw) AS text, file_row_number AS place FROM refused) ORDER BY place"""
_GROUPED = """
SELECT fact, min(instant) AS first, max(instant) AS last, sum(size)::BIGINT AS size,
    min(part) AS part
FROM staged WHERE hash(fact) % ? = ? GROUP BY fact"""
_SHARES = """
WITH block AS (
    SELECT min(file_row_number) AS start, max(file_row_number) AS stop, min(first) AS first,
        max(first) AS latest, max(last) AS last, sum(size) AS size
    FROM facts GROUP BY file_row_number // ?
), divided AS (SELECT *, sum(size) OVER (ORDER BY start) // ? AS share FROM block)
SELECT min(start), max(stop), min(first), max(latest), min(first), max(last)
FROM divided GROUP BY share ORDER BY 1"""
_SORTED = """
SELECT s.fact, s.file, s.row, s.part, s.body, s.raw
FROM staged AS s JOIN (
    SELECT fact, file_row_number AS place FROM facts
    WHERE file_row_number BETWEEN ? AND ? AND first BETWEEN ? AND ?
) AS f USING (fact)
WHERE s.instant BETWEEN ? AND ? ORDER BY f.place, s.file, s.row, s.part"""


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

    All rows are added first; the first question ends that.

    Parameters
    ----------
    folder : Path
        Where a temporary folder may be made; rows wait in it, and it is deleted at the end.
    """

    def __init__(self, folder: Path) -> None:
        with roomy(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self.folder = Path(tempfile.mkdtemp(prefix="import-", dir=folder))
            self._staged = Spool(self.folder / "staged.parquet", _ROWS, ["part", "instant"])
            self._refused = Spool(self.folder / "refused.parquet", _REFUSED)
        self._db = watched(
            duckdb.connect(
                config={
                    "memory_limit": MEMORY, "threads": 1,
                    "temp_directory": str(self.folder / "spill"),
                }
            )
        )  # fmt: skip
        self._db.execute("SET enable_progress_bar = false")  # which a notebook would show
        self._complete = self._found = False
        self._n_characters = 0

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
        size = len(body) + len(raw)
        self._n_characters += size
        with roomy(self.folder):
            self._staged.add((file, row, part, at, fact, twin, person, item, size, body, raw), size)

    def refuse(self, refusal: Refusal) -> None:
        """Keep one row that cannot be a fact; they come in the order of their files."""
        with roomy(self.folder):
            self._refused.add(refusal[:-1], len(refusal.raw))

    def refusals(self) -> Iterator[Refusal]:
        """The refused rows, in the order they came, which is that of their files."""
        repeats = self._query(_REPEATS)
        with roomy(self.folder):
            for row, (repeat,) in zip(self._refused.rows(), repeats, strict=True):
                yield Refusal._make((*row, repeat))

    def counted(self) -> Counted:
        """How many facts, people, items, and rows that repeat an earlier one exactly."""
        self._find()
        n_facts, n_rows = (
            self._count(f"SELECT count(*) FROM {view} WHERE part = 0")  # noqa: S608 - constants
            for view in ("facts", "staged")
        )
        people, items, texts = map(self._distinct, ("person", "item", "twin"))
        return Counted(n_facts, people, items, n_rows - texts)

    def _distinct(self, column: str) -> int:
        return sum(
            self._count(
                f"SELECT count(DISTINCT {column}) FROM staged "  # noqa: S608 - constants
                f"WHERE part = 0 AND hash({column}) % {n} = {i}"
            )
            for i, n in self._portions()
        )

    def _portions(self) -> list[tuple[int, int]]:
        """Each portion of the rows that is looked through at once: its number, of how many."""
        n = math.ceil(self._staged.n_rows / GROUPED) or 1
        return [(i, n) for i in range(n)]

    def sorted(self) -> Iterator[Staged]:
        """The rows, those of one fact together, facts by their first instant."""
        self._find()
        wide = self._n_characters > WIDE * self._staged.n_rows
        for share in list(self._query(_SHARES, [BLOCK, WIDE_SHARE if wide else SHARE])):
            yield from map(Staged._make, self._query(_SORTED, share))

    def _find(self) -> None:
        """Write the facts down in their order, once."""
        if self._found:
            return
        db, files = self._ready(), list[str]()
        with roomy(self.folder):
            for i, n in self._portions():
                files.append(self._path(f"grouped-{i}"))
                db.sql(_GROUPED, params=[n, i]).write_parquet(files[-1], row_group_size=ROWS)
            ordered = db.read_parquet(files).order("first, fact")
            ordered.write_parquet(self._path("facts"), row_group_size=ROWS)
            self._view("facts")
        self._found = True

    def _count(self, sql: str) -> int:
        (row,) = self._query(sql)
        return int(row[0])

    def _query(self, sql: str, values: Sequence[int] = ()) -> Iterator[tuple[Any, ...]]:
        with roomy(self.folder):
            result = self._ready().execute(sql, values)
            while rows := result.fetchmany(BATCH):
                yield from rows

    def _ready(self) -> duckdb.DuckDBPyConnection:
        """The connection, once all rows are in their files."""
        if not self._complete:
            with roomy(self.folder):
                for spool, name in ((self._staged, "staged"), (self._refused, "refused")):
                    spool.close()
                    self._view(name)
            self._complete = True
        return self._db

    def _view(self, name: str) -> None:
        self._db.read_parquet(self._path(name), file_row_number=True).create_view(name)

    def _path(self, name: str) -> str:
        return str(self.folder / f"{name}.parquet")
