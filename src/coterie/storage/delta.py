"""One Delta table: whole files added and removed in single commits that hold nobody's values."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Field, PostCommitHookProperties, Transaction
from deltalake import Schema as DeltaSchema
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from coterie.errors import StoreError
from coterie.storage import torn
from coterie.storage.durable import made, sync

ROW_GROUP = 100_000
_CONFIGURATION: dict[str, str | None] = {
    "delta.logRetentionDuration": "interval 0 seconds",
    "delta.dataSkippingNumIndexedCols": "0",
}
_NO_HOOK = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
_FORMAT = {"store_decimal_as_integer": True, "write_page_index": True}
_VARIED = frozenset({"offset", "key", "fact", "message_id", "occurred_at", "received_at"})
"""Columns whose values hardly repeat: a dictionary of them makes files larger and slower."""
_COMMITS = 100
_TRIES = 5

Stamp = tuple[str, int, int, int]
"""The name, inode and instant of a commit."""


class Part(msgspec.Struct, frozen=True):
    """A file of the table: its path below the table's folder, its partition, rows and bytes."""

    path: str
    partition: dict[str, str | None]
    n_rows: int
    size: int


class Table:
    """A Delta table made of files that are written here and committed by delta-rs.

    The commits keep row counts only: no smallest and largest values, and no predicates, so
    that neither the commit log nor its checkpoints hold a value of anybody.

    Parameters
    ----------
    folder : Path
    partition_by : sequence of str
        Names of text columns that are kept in the commit log and not in the files.
    """

    def __init__(self, folder: Path, partition_by: Sequence[str] = ()) -> None:
        self.folder = folder
        self._partition_by = list(partition_by)
        self._seen: Stamp | None = None
        self._table: DeltaTable | None = None
        self._parts: list[Part] | None = None
        self._marks: dict[str, int] = {}

    @property
    def spill(self) -> Path:
        """Where a sort may put what does not fit in memory; emptied by :meth:`sweep`."""
        return self.folder / ".spill"

    def open(self) -> DeltaTable | None:
        """The newest version, or None where the table was never written.

        Raises
        ------
        StoreError
            The folder holds something that is no readable Delta table.
        """
        if not (self.folder / "_delta_log").is_dir():
            return None
        for left in reversed(range(_TRIES)):
            try:
                return DeltaTable(self.folder)
            except TableNotFoundError:
                return None
            except (DeltaError, OSError) as error:  # the log was tidied while it was listed
                if not left and torn.forget(self.folder / "_delta_log"):
                    return self.open()
                if not left:
                    raise self._unreadable(error) from error
        return None

    def _unreadable(self, error: Exception) -> StoreError:
        said = "a table of the lake cannot be read"
        return StoreError(said, where=self.folder.name, got=type(error).__name__)

    def version(self) -> int:
        """The newest version, -1 where there is none."""
        table = self._newest()
        return -1 if table is None else table.version()

    def transaction(self, application: str) -> int:
        """The last transaction that an application committed, 0 for none.

        Raises
        ------
        StoreError
            The table cannot be read.
        """
        for left in reversed(range(_TRIES)):
            table = self._newest()
            try:
                if table is not None and application not in self._marks:
                    self._marks[application] = table.transaction_version(application) or 0
                break
            except (DeltaError, OSError) as error:  # the log was tidied since the table was opened
                self._seen = None
                if not left:
                    raise self._unreadable(error) from error
        return self._marks.get(application, 0)

    def parts(self) -> list[Part]:
        """The files of the newest version, ordered by path."""
        table = self._newest()
        if table is None:
            return []
        if self._parts is None:
            actions = pa.table(table.get_add_actions(flatten=True)).to_pylist()
            self._parts = sorted(map(self._part, actions), key=lambda part: part.path)
        return list(self._parts)

    def paths(self, parts: Iterable[Part]) -> list[str]:
        """Where these files are."""
        return [str(self.folder / part.path) for part in parts]

    def _newest(self) -> DeltaTable | None:
        """The newest version for reading: what was read last, unless something was committed."""
        stamp = self._stamp()
        if stamp is None or stamp != self._seen:
            self._table, self._parts, self._marks, self._seen = self.open(), None, {}, stamp
        return self._table

    def _stamp(self) -> Stamp | None:
        """What is another after every commit and tidying: the newest, and how many are left."""
        log = self.folder / "_delta_log"
        try:
            names = [path.name for path in log.glob("*.json")]
            newest = max(names)
            state = (log / newest).stat()
        except (FileNotFoundError, ValueError):
            return None
        return newest, len(names), state.st_ino, state.st_mtime_ns

    def _part(self, action: dict[str, object]) -> Part:
        partition: dict[str, str | None] = {
            name: str(action[f"partition.{name}"]) for name in self._partition_by
        }
        rows, size = int(str(action["num_records"])), int(str(action["size_bytes"]))
        return Part(str(action["path"]), partition, rows, size)

    def write(
        self,
        path: str,
        rows: Iterable[pa.Table],
        schema: pa.Schema,
        partition: dict[str, str | None] | None = None,
    ) -> Part:
        """Write one file durably, piece by piece; it is in the table once it is committed."""
        target = self.folder / path
        made(target.parent)
        repeated = [name for name in schema.names if name not in _VARIED]
        with pq.ParquetWriter(
            target, schema, compression="zstd", use_dictionary=repeated, **_FORMAT
        ) as writer:
            n_rows = 0
            for piece in rows:
                writer.write_table(piece, row_group_size=ROW_GROUP)
                n_rows += piece.num_rows
        sync(target)
        return Part(path, partition or {}, n_rows, target.stat().st_size)

    def read(self, part: Part, columns: list[str] | None = None) -> Iterator[pa.Table]:
        """A file's rows, one row group at a time."""
        with pq.ParquetFile(self.folder / part.path) as file:
            for group in range(file.num_row_groups):
                yield file.read_row_group(group, columns=columns)

    def schema(self, part: Part) -> pa.Schema:
        """The columns of one file."""
        return pq.read_schema(self.folder / part.path)

    def commit(
        self,
        added: Sequence[Part],
        removed: Sequence[Part] = (),
        *,
        schema: pa.Schema,
        transaction: tuple[str, int] | None = None,
    ) -> None:
        """Add and remove files in one step, together with an application's transaction id.

        Raises
        ------
        StoreError
            Another process changed the table meanwhile, or the disk is full.
        """
        table = self._newest() or self._create(schema)
        self._widen(table, schema)
        actions: list[AddAction | RemoveAction] = [
            *map(self._add, added),
            *map(self._remove, removed),
        ]
        marks = [Transaction(*transaction)] if transaction else []
        try:
            table.create_write_transaction(
                actions,
                "append",
                table.schema(),
                partition_by=self._partition_by,
                commit_properties=CommitProperties(app_transactions=marks),
                post_commithook_properties=_NO_HOOK,
            )
        except (DeltaError, OSError) as error:
            raise StoreError(
                f"a commit to the lake failed: {error}", where=self.folder.name
            ) from error
        self._settle(table)

    def _settle(self, table: DeltaTable) -> None:
        """Bring a commit to the disk, and go on with the version that it made.

        To read all commits anew takes longer with each of them; where that cannot be spared, the
        next question does it.
        """
        n_commits, stamp = self._sync(), self._stamp()
        with suppress(DeltaError, OSError):
            table.update_incremental()
            self._table, self._parts, self._marks, self._seen = table, None, {}, stamp
        if n_commits >= _COMMITS:
            self.tidy()

    def _sync(self) -> int:
        """Bring the newest commit to the disk, and return how many there are."""
        commits = sorted((self.folder / "_delta_log").glob("*.json"))
        sync(commits[-1])
        return len(commits)

    def _create(self, schema: pa.Schema) -> DeltaTable:
        for name in self._partition_by:
            schema = schema.append(pa.field(name, pa.string()))
        made(self.folder)
        table = DeltaTable.create(
            self.folder,
            schema=_portable(schema),
            partition_by=self._partition_by,
            configuration=_CONFIGURATION,
        )
        self._sync()
        sync(self.folder / "_delta_log")
        return table

    def _widen(self, table: DeltaTable, schema: pa.Schema) -> None:
        known = {field.name for field in table.schema().fields}
        wanted = DeltaSchema.from_arrow(_portable(schema)).fields
        new = [Field(f.name, f.type, nullable=True) for f in wanted if f.name not in known]
        if new:
            table.alter.add_columns(new, post_commithook_properties=_NO_HOOK)
            table.update_incremental()
            self._sync()

    def _add(self, part: Part) -> AddAction:
        rows = msgspec.json.encode({"numRecords": part.n_rows}).decode()
        return AddAction(part.path, part.size, part.partition, self._written_at(part), True, rows)

    def _remove(self, part: Part) -> RemoveAction:
        at = self._written_at(part)
        return RemoveAction(part.path, True, at, size=part.size, partition_values=part.partition)

    def _written_at(self, part: Part) -> int:
        path = self.folder / part.path
        return int(path.stat().st_mtime * 1000) if path.exists() else 0

    def tidy(self) -> None:
        """Keep one checkpoint of the newest version, and none of the commits before it."""
        table = self.open()
        if table is not None:
            table.create_checkpoint()
            log = self.folder / "_delta_log"
            for file in (*log.glob(f"{table.version():020d}.ch*"), log / "_last_checkpoint"):
                sync(file)
            table.cleanup_metadata()

    def sweep(self, keep: Iterable[Part] = ()) -> int:
        """Delete every file that is neither in the newest version nor to be kept.

        Files that a killed process left behind uncommitted go too. Returns how many went.
        """
        kept = {self.folder / part.path for part in (*self.parts(), *keep)}
        log = self.folder / "_delta_log"
        dead = [
            path
            for path in self.folder.rglob("*.parquet")
            if path not in kept and log not in path.parents
        ]
        for path in dead:
            path.unlink()
        shutil.rmtree(self.spill, ignore_errors=True)
        return len(dead)


def _portable(schema: pa.Schema) -> pa.Schema:
    """The schema in types that Delta has: binary has no fixed length there."""
    fields = [
        f.with_type(pa.binary()) if pa.types.is_fixed_size_binary(f.type) else f for f in schema
    ]
    return pa.schema(fields)
