"""The ledger: what was decided and what was refused, in SQLite through SQLAlchemy."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from coterie.errors import StoreError
from coterie.storage import outgoing, sqlite
from coterie.storage import tables as t


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One computation of traits and segments: the position, the definitions, what came out.

    `clock` and `committed_at` are microseconds UTC.
    """

    offset: int
    clock: int
    definitions_hash: str
    committed_at: int
    counts: dict[str, Any]


class Definitions(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a project's definitions, by the hash of its canonical JSON."""

    hash: str
    version: int
    at: int
    json: str


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters that were fitted for one node at one position."""

    offset: int
    at: int
    node: str
    parameters: dict[str, Any]


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A row that could not become an event, kept until it is fixed or erased.

    Parameters
    ----------
    id : str
        The same row refused again has the same id, and is kept once.
    row : int
        Its number in the file, from 1.
    reason, detail : str
        A code, and the path and type that were wrong; never a value.
    sealed : bytes
        The raw row, encrypted (:meth:`coterie.privacy.pseudonym.Pseudonymiser.seal`).
    person : str or None
        The pseudonym of whom it is about, where that is known.
    """

    id: str
    source: str
    file: str
    row: int
    reason: str
    detail: str
    sealed: bytes
    at: int
    person: str | None = None


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """One import and its counts."""

    id: str
    file: str
    source: str
    counts: dict[str, Any]
    at: int


class Ledger:
    """The ledger of one project; a context manager.

    Parameters
    ----------
    path : Path
        The SQLite file, made with its folder when it is not there.

    Raises
    ------
    StoreError
        The file is damaged, belongs to another application, or the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        sqlite.connect(path).close()
        self.engine = sa.create_engine(
            "sqlite+pysqlite://", creator=lambda: sqlite.connect(path, "IMMEDIATE")
        )
        with self.writing() as db:
            t.metadata.create_all(db)
            outgoing.metadata.create_all(db)
            for index in t.ORDERED:  # a ledger of before has the table without them
                db.execute(sa.schema.CreateIndex(index, if_not_exists=True))
            rows = [{"name": name, "n": 0} for name in t.TALLIES]
            db.execute(insert(t.tally).values(rows).on_conflict_do_nothing())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction, all or nothing.

        Raises
        ------
        StoreError
            The file is damaged, or the disk is full.
        """
        try:
            with self.engine.begin() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise StoreError(
                f"the ledger failed: {error.orig}", where=self.path.name,
                hint=sqlite.hint(error.orig),
            ) from error  # fmt: skip

    def edition(self) -> sqlite.Edition:
        """What is another, to the thread that asks, whenever anybody has written since."""
        with self.writing() as db:
            connection = db.connection.driver_connection
            assert isinstance(connection, sqlite3.Connection)
            return sqlite.edition(connection)

    def _rows(self, query: sa.Select[Any]) -> list[dict[str, Any]]:
        with self.writing() as db:
            return [dict(row) for row in db.execute(query).mappings()]

    def add_run(self, run: Run) -> None:
        """Keep a run; one at the same offset takes the place of the former."""
        values = {**msgspec.structs.asdict(run), "counts": json.dumps(run.counts)}
        with self.writing() as db:
            db.execute(insert(t.runs).values(values).prefix_with("OR REPLACE"))

    def runs(self) -> list[Run]:
        """Every run, oldest first."""
        rows = self._rows(sa.select(t.runs).order_by(t.runs.c.offset))
        return [Run(**{**row, "counts": json.loads(row["counts"])}) for row in rows]

    def last_run(self) -> Run | None:
        """The newest run, or None before the first."""
        rows = self._rows(sa.select(t.runs).order_by(t.runs.c.offset.desc()).limit(1))
        return Run(**{**rows[0], "counts": json.loads(rows[0]["counts"])}) if rows else None

    def add_definitions(self, digest: str, at: int, body: str) -> int:
        """Keep a version of the definitions and return its number; a known one keeps its own."""
        newest = sa.select(sa.func.coalesce(sa.func.max(t.definitions.c.version), 0))
        with self.writing() as db:
            version = db.execute(newest).scalar_one() + 1
            new = insert(t.definitions).values(hash=digest, version=version, at=at, json=body)
            db.execute(new.on_conflict_do_nothing())
            known = sa.select(t.definitions.c.version).where(t.definitions.c.hash == digest)
            return int(db.execute(known).scalar_one())

    def definitions(self, digest: str | None = None) -> Definitions | None:
        """The definitions of a digest, or the newest version; None where there is none."""
        query = sa.select(t.definitions).order_by(t.definitions.c.version.desc()).limit(1)
        if digest is not None:
            query = query.where(t.definitions.c.hash == digest)
        rows = self._rows(query)
        return Definitions(**rows[0]) if rows else None

    def versions(self) -> list[Definitions]:
        """Every version of the definitions, oldest first."""
        rows = self._rows(sa.select(t.definitions).order_by(t.definitions.c.version))
        return [Definitions(**row) for row in rows]

    def add_fit(self, fit: Fit) -> None:
        """Keep fitted parameters; the same node at the same offset takes the former's place."""
        values = {**msgspec.structs.asdict(fit), "parameters": json.dumps(fit.parameters)}
        with self.writing() as db:
            db.execute(insert(t.fits).values(values).prefix_with("OR REPLACE"))

    def fits(self, node: str | None = None) -> list[Fit]:
        """The fits of one node, or of all, oldest first."""
        query = sa.select(t.fits).order_by(t.fits.c.offset, t.fits.c.node)
        if node is not None:
            query = query.where(t.fits.c.node == node)
        return [
            Fit(**{**row, "parameters": json.loads(row["parameters"])}) for row in self._rows(query)
        ]

    def add_import(self, done: Import) -> None:
        """Keep an import's summary; the same id takes the former's place."""
        values = {**msgspec.structs.asdict(done), "counts": json.dumps(done.counts)}
        with self.writing() as db:
            db.execute(insert(t.imports).values(values).prefix_with("OR REPLACE"))

    def imports(self) -> list[Import]:
        """Every import, oldest first."""
        rows = self._rows(sa.select(t.imports).order_by(t.imports.c.at, t.imports.c.id))
        return [Import(**{**row, "counts": json.loads(row["counts"])}) for row in rows]

    def quarantine(
        self, rows: Sequence[Refused], beside: Callable[[sa.Connection], object] = lambda db: None
    ) -> int:
        """Keep refused rows, and return how many of them were not kept already.

        Parameters
        ----------
        beside : callable, optional
            Writes something else in the same transaction.

        Notes
        -----
        A row with the reason ``conflict`` was given to the log, which counted it as received;
        any other was not, and is counted here (law 11).
        """
        with self.writing() as db:
            new = [row for row in rows if self._keep(db, row)]
            elsewhere = sum(row.reason == t.CONFLICT for row in rows)
            new_elsewhere = sum(row.reason == t.CONFLICT for row in new)
            received, kept = len(rows) - elsewhere, len(new) - new_elsewhere
            _count(db, received=received, duplicate=received - kept)
            beside(db)
        return len(new)

    def _keep(self, db: sa.Connection, row: Refused) -> bool:
        values = insert(t.quarantine).values(msgspec.structs.asdict(row))
        return db.execute(values.on_conflict_do_nothing()).rowcount == 1

    def quarantined(
        self, *, source: str | None = None, reason: str | None = None, limit: int | None = None,
        skip: int = 0,
    ) -> list[Refused]:  # fmt: skip
        """The rows in quarantine, by time, file and row number, without the first so many."""
        q = t.quarantine.c
        order = q.at, q.file, q.row, q.id
        page = sa.select(q.id).order_by(*order).limit(limit).offset(skip)
        for column, wanted in ((q.source, source), (q.reason, reason)):
            if wanted is not None:
                page = page.where(column == wanted)
        # by an index alone: rows that are skipped are not even read
        query = sa.select(t.quarantine).where(q.id.in_(page)).order_by(*order)
        return [Refused(**row) for row in self._rows(query)]

    def refused(self, wanted: str) -> Refused | None:
        """The row in quarantine with this id."""
        query = sa.select(t.quarantine).where(t.quarantine.c.id == wanted)
        return next((Refused(**row) for row in self._rows(query)), None)

    def reasons(self) -> dict[str, int]:
        """How many rows are in quarantine for each reason."""
        q = t.quarantine.c
        query = sa.select(q.reason, sa.func.count().label("n")).group_by(q.reason)
        return {row["reason"]: row["n"] for row in self._rows(query.order_by(q.reason))}

    def refusals(self) -> dict[tuple[str, str], int]:
        """How many rows are in quarantine for each source and reason."""
        q = t.quarantine.c
        query = sa.select(q.source, q.reason, sa.func.count().label("n"))
        rows = self._rows(query.group_by(q.source, q.reason))
        return {(row["source"], row["reason"]): row["n"] for row in rows}

    def release(self, ids: Collection[str]) -> int:
        """Take rows out of quarantine because they are given to the log again.

        Returns
        -------
        int
            How many were there.
        """
        with self.writing() as db:
            gone = _delete(db, ids)
            _count(db, released=sum(gone.values()), conflict_left=gone.get(t.CONFLICT, 0))
        return sum(gone.values())

    def tally(self) -> dict[str, int]:
        """What the ledger counted: received, duplicate, released, erased, conflict_left."""
        return {row["name"]: row["n"] for row in self._rows(sa.select(t.tally))}

    def erase(
        self, people: Collection[str], about: Callable[[Refused], bool] = lambda row: False
    ) -> int:
        """Delete these people's refused rows, leave no byte of them, and say how many there were.

        Their changes that wait in the outbox go too.

        Parameters
        ----------
        people : collection of str
            Pseudonyms.
        about : callable, optional
            Whether a row whose person is not known is about them after all.
        """
        doomed = [
            row.id
            for row in self.quarantined()
            if row.person in people or (row.person is None and about(row))
        ]
        with self.writing() as db:
            gone = _delete(db, doomed)
            _count(db, erased=sum(gone.values()), conflict_left=gone.get(t.CONFLICT, 0))
            for person in people:
                db.execute(sa.delete(t.outbox).where(t.outbox.c.profile == person))
        with sqlite.guarded(self.path):
            connection = sqlite.connect(self.path)
            sqlite.forget(connection, self.path)
            connection.close()
        return len(doomed)


def _delete(db: sa.Connection, ids: Collection[str]) -> dict[str, int]:
    """Delete rows of the quarantine and count them by reason."""
    q, gone = t.quarantine.c, dict[str, int]()
    for row in ids:
        doomed = sa.delete(t.quarantine).where(q.id == row).returning(q.reason)
        for (reason,) in db.execute(doomed).all():
            gone[reason] = gone.get(reason, 0) + 1
    return gone


def _count(db: sa.Connection, **changes: int) -> None:
    for name, n in changes.items():
        db.execute(sa.update(t.tally).where(t.tally.c.name == name).values(n=t.tally.c.n + n))
