"""Rows that cannot be events yet: kept sealed, listed, exported, mended, and replayed."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from coterie.collect.mapping import Mapping, loads
from coterie.collect.mending import HEAD, Mended, edits
from coterie.collect.reading import Table
from coterie.collect.rows import EVENT, Edit, Row, edited
from coterie.collect.staging import Refusal
from coterie.errors import MappingError, StoreError
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.ledger import Import, Ledger, Refused


class Replayed(Protocol):
    """What replaying needs of an importer."""

    def replay(
        self, tables: Sequence[tuple[str, Table]], mapping: Mapping, folders: Sequence[Path],
        now: int,
    ) -> frozenset[str]:  # fmt: skip
        """Import mended rows, and return the ids of those refused again."""
        ...


class Collected(Protocol):
    """What replaying messages needs of a collector."""

    def replay(self, messages: Sequence[tuple[str, Row]], now: int) -> frozenset[str]:
        """Collect messages of these sources again; the ids of those refused again."""
        ...


class Intake:
    """The quarantine as one import sees it: rows go in, and are counted when they are new."""

    def __init__(
        self, ledger: Ledger, pseudonymiser: Pseudonymiser, tables: Sequence[tuple[str, Table]],
        mapping: Mapping, folders: Sequence[Path], now: int,
    ) -> None:  # fmt: skip
        self.ledger = ledger
        self.pseudonymiser = pseudonymiser
        self.tables = tables
        self.source = mapping.source
        self.now = now
        self.ids: set[str] = set()
        self._origin = {
            "mapping": mapping.to_toml(),
            "folders": sorted({str(folder.resolve()) for folder in folders}),
        }
        names = [name for name, _ in tables]
        told = msgspec.json.encode([names, mapping.source, self._origin, now])
        self.id = hashlib.blake2b(told, digest_size=8).hexdigest()
        self.record({})

    def record(self, counts: dict[str, object]) -> None:
        """Write the import itself down: at its start, and again with its counts."""
        file = ", ".join(name for name, _ in self.tables)
        self.ledger.add_import(
            Import(id=self.id, file=file, source=self.source, counts=self._origin | counts,
                   at=self.now)
        )  # fmt: skip

    def add(self, refusals: Sequence[Refusal]) -> int:
        """Put rows into quarantine, and return how many were not there already."""
        rows = [self._refused(refusal) for refusal in refusals]
        self.ids.update(row.id for row in rows)
        return self.ledger.quarantine(rows)

    def _refused(self, refusal: Refusal) -> Refused:
        name, table = self.tables[refusal.file]
        row = Row(raw=refusal.raw)
        if refusal.cells:
            row = Row(cells=dict(zip(table.columns, table.split(refusal.raw), strict=True)))
        known = self.pseudonymiser.seal(msgspec.json.encode(row))
        said = self.source.encode() + b"\0%d\0" % refusal.repeat + known
        row.import_id = self.id
        person = refusal.person
        return Refused(
            id=hashlib.blake2b(said, digest_size=12).hexdigest(), source=self.source, file=name,
            row=refusal.row, reason=refusal.reason, detail=refusal.detail, at=self.now,
            sealed=self.pseudonymiser.seal(msgspec.json.encode(row)),
            person=None if person is None else self.pseudonymiser.person(person),
        )  # fmt: skip


class Quarantine:
    """The refused rows of a project.

    Parameters
    ----------
    ledger : Ledger
        Holds them, sealed.
    pseudonymiser : Pseudonymiser
        Opens them again for `export` and `replay`.
    """

    def __init__(self, ledger: Ledger, pseudonymiser: Pseudonymiser) -> None:
        self.ledger = ledger
        self.pseudonymiser = pseudonymiser

    def list(
        self, *, source: str | None = None, reason: str | None = None, limit: int | None = None
    ) -> list[Refused]:
        """The rows, by time, file and row number; nothing of their content is opened."""
        return self.ledger.quarantined(source=source, reason=reason, limit=limit)

    def show(self, wanted: str) -> tuple[Refused, Row]:
        """One row, and what is sealed of it: personal values included.

        A row that could not be split has the columns of its mapping, without a value.

        Raises
        ------
        StoreError
            No row in quarantine has this id.
        """
        found = self.ledger.refused(wanted)
        if found is None:
            raise _absent()
        opened = self._open(found)
        if not (opened.cells or opened.route):
            opened.cells = dict.fromkeys(self._mapped(iter([opened])))
        return found, opened

    def export(self, path: Path, *, source: str | None = None, reason: str | None = None) -> int:
        """Write the rows as CSV to be mended, and return how many.

        Notes
        -----
        The file holds the rows as they came, personal values included, so only its owner may
        read it (mode 0600). A row that could not be split has its text in ``_raw`` and no
        cells: fill the cells in. The columns before the first own one stay as they are.
        """
        rows = [(row, self._open(row)) for row in self.list(source=source, reason=reason)]
        columns = tuple(dict.fromkeys(name for _, opened in rows for name in opened.cells))
        imported = [opened for _, opened in rows if not opened.route]
        if any(not opened.cells for opened in imported):
            columns = tuple(dict.fromkeys((*columns, *self._mapped(iter(imported)))))
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow((*HEAD, *columns))
            for row, opened in rows:
                head = (row.id, row.source, row.file, row.row, row.reason, row.detail, opened.raw)
                writer.writerow((*head, *(opened.cells.get(name) or "" for name in columns)))
        return len(rows)

    def replay(
        self, importer: Replayed, *, now: int, mended: Path | dict[str, Edit] | None = None,
        source: str | None = None, reason: str | None = None, collector: Collected | None = None,
    ) -> Outcome:  # fmt: skip
        """Import rows of the quarantine again: as somebody mended them, or as they are.

        Parameters
        ----------
        importer : Importer
        collector : Collector, optional
            Takes messages; without one they stay.
        now : int
            Microseconds UTC.
        mended : Path or dict, optional
            An exported CSV whose cells were edited, or edits by the ids of their rows; only these
            rows are replayed. Without any, rows are replayed as they are: after the mapping's
            second file, or the clock, moved.

        Notes
        -----
        Each row goes through the mapping it was imported with. Rows that pass leave the
        quarantine; rows refused again stay, with their new content and reason.

        Raises
        ------
        MappingError
            An edited file names rows that are not in quarantine, or lacks ``_id``.
        StoreError
            An edit is of a row that is not in quarantine.
        """
        rows = {row.id: row for row in self.list(source=source, reason=reason)}
        opened = {key: self._open(row) for key, row in rows.items()}
        if mended is not None:
            wanted = edits(mended, opened) if isinstance(mended, Path) else mended
            opened = {key: edited(_there(opened, key), edit) for key, edit in wanted.items()}
        messages = {key: row for key, row in opened.items() if row.route}
        opened = {key: row for key, row in opened.items() if not row.route}
        refused: set[str] = set()
        if collector is not None and messages:
            sent = [(rows[key].source, row) for key, row in messages.items()]
            refused |= collector.replay(sent, now)
            opened |= messages
        for origin in sorted({row.import_id for row in opened.values() if not row.route}):
            mine = {key: row for key, row in opened.items() if row.import_id == origin}
            refused |= self._again(importer, origin, mine, rows, now)
        self.ledger.release([key for key in opened if key not in refused])
        return Outcome(len(opened), len(refused), frozenset(refused))

    def _again(
        self, importer: Replayed, origin: str, mine: dict[str, Row], rows: dict[str, Refused],
        now: int,
    ) -> frozenset[str]:  # fmt: skip
        mapping, folders = self._origin(origin)
        tables: list[tuple[str, Table]] = []
        for file in sorted({rows[key].file for key in mine}):
            of_file = {rows[key].row: row for key, row in mine.items() if rows[key].file == file}
            tables.append((file, Mended(of_file, mapping)))
        return importer.replay(tables, mapping, folders, now)

    def _origin(self, import_id: str) -> tuple[Mapping, Sequence[Path]]:
        for one in self.ledger.imports():
            if one.id == import_id:
                folders = [Path(folder) for folder in one.counts["folders"]]
                return loads(one.counts["mapping"], f"import {import_id}"), folders
        raise MappingError("the import of these rows is not on record", got=import_id)

    def _mapped(self, rows: Iterator[Row]) -> Iterator[str]:
        for origin in sorted({row.import_id for row in rows}):
            mapping, _ = self._origin(origin)
            looked_up = tuple(f"{name}." for name in mapping.lookups)
            yield from (
                c for c in mapping.columns().values() if not c.startswith(looked_up or "\0")
            )

    def _open(self, row: Refused) -> Row:
        said = self.pseudonymiser.open(row.sealed)
        opened = msgspec.json.decode(said, type=Row)
        if not (opened.route or opened.import_id):  # an event, as they were kept without a route
            return Row(raw=said.decode(), route=EVENT, received_at=row.at)
        return opened


class Outcome(msgspec.Struct, frozen=True):
    """What became of replayed rows.

    Parameters
    ----------
    n_replayed, n_refused : int
        How many there were, and how many are refused again.
    refused : frozenset of str
        The ids of the latter, as they are in quarantine now.
    """

    n_replayed: int
    n_refused: int
    refused: frozenset[str] = frozenset()


def _there(rows: dict[str, Row], wanted: str) -> Row:
    if wanted not in rows:
        raise _absent()
    return rows[wanted]


def _absent() -> StoreError:
    return StoreError("no row in quarantine has this id", hint="type: coterie quarantine list")
