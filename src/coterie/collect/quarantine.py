"""Rows that cannot be events yet: kept sealed, listed, exported, mended, and replayed."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from coterie.collect.mapping import Form, Mapping, loads
from coterie.collect.reading import Cells, Record, Table
from coterie.collect.staging import Refusal
from coterie.errors import MappingError, UnreadableFile
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.ledger import Import, Ledger, Refused

HEAD = ("_id", "_source", "_file", "_row", "_reason", "_detail", "_raw")
"""The first columns of an exported file; the rows' own columns follow."""

EVENT = "event"
"""The route of what was given as an event, by a program."""


class Row(msgspec.Struct, omit_defaults=True):
    """What is sealed of a refused row: its cells by column, or its text where it has none.

    Of a message that came over the network, its text and how it came
    (:class:`coterie.collect.spec.Arrival`); of an event that a program gave, its JSON.
    """

    cells: dict[str, str | None] = {}
    raw: str = ""
    import_id: str = ""
    route: str = ""
    received_at: int = 0
    sent_at: str | None = None
    context: str = ""
    path: str = "$"


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
        self, importer: Replayed, *, now: int, mended: Path | None = None,
        source: str | None = None, reason: str | None = None, collector: Collected | None = None,
    ) -> Outcome:  # fmt: skip
        """Import rows of the quarantine again: as mended in an exported file, or as they are.

        Parameters
        ----------
        importer : Importer
        collector : Collector, optional
            Takes messages; without one they stay.
        now : int
            Microseconds UTC.
        mended : Path, optional
            An exported CSV whose cells were edited; only its rows are replayed. Without one,
            rows are replayed as they are: after the mapping's second file, or the clock, moved.

        Notes
        -----
        Each row goes through the mapping it was imported with. Rows that pass leave the
        quarantine; rows refused again stay, with their new content and reason.

        Raises
        ------
        MappingError
            The edited file names rows that are not in quarantine, or lacks ``_id``.
        """
        rows = {row.id: row for row in self.list(source=source, reason=reason)}
        opened = {key: self._open(row) for key, row in rows.items()}
        if mended is not None:
            opened = _mended(mended, opened)
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
        return Outcome(len(opened), len(refused))

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
    """What became of replayed rows: how many there were, and how many are refused again."""

    n_replayed: int
    n_refused: int


class Mended:
    """Rows out of the quarantine, as a table of their own."""

    def __init__(self, rows: dict[int, Row], mapping: Mapping) -> None:
        looked_up = tuple(f"{name}." for name in mapping.lookups)
        mapped = [c for c in mapping.columns().values() if not c.startswith(looked_up or "\0")]
        every = (name for row in rows.values() for name in row.cells)
        self.columns = tuple(dict.fromkeys((*every, *mapped)))
        self.form: Form = mapping.file
        self._rows = rows

    def records(self) -> Iterator[Record]:
        """Every row, by its number in the file that it came from."""
        for number, row in sorted(self._rows.items()):
            cells = [row.cells.get(name) for name in self.columns]
            problem = "" if row.cells else "columns"
            yield Record(number, cells if row.cells else (), _text(row, cells), problem)

    def split(self, raw: str) -> Cells:
        """The cells of one row."""
        return msgspec.json.decode(raw, type=list[str | None])


def _text(row: Row, cells: Cells) -> str:
    return msgspec.json.encode(cells).decode() if row.cells else row.raw


def _mended(path: Path, opened: dict[str, Row]) -> dict[str, Row]:
    """The rows of an edited file, by id."""
    found: dict[str, Row] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if "_id" not in (reader.fieldnames or ()):
                raise MappingError(
                    "the edited file has no column _id", where=str(path),
                    expected="a file written by `quarantine export`",
                )  # fmt: skip
            for number, edited in enumerate(reader, 2):
                key = edited["_id"]
                if key not in opened:
                    raise MappingError(
                        "the edited file names a row that is not in quarantine",
                        where=f"{path}: row {number}", hint="export again",
                    )  # fmt: skip
                found[key] = _edited(opened[key], edited)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(
            "the edited file cannot be read", where=str(path), got=type(error).__name__
        ) from None
    return found


def _edited(row: Row, edited: dict[str, str]) -> Row:
    if row.route:
        return msgspec.structs.replace(row, raw=edited.get("_raw") or row.raw)
    own = {
        name: value or None
        for name, value in edited.items()
        if name is not None and name not in HEAD and (not row.cells or name in row.cells or value)
    }
    filled = own if any(own.values()) else {}
    return Row(cells=filled, raw="" if filled else row.raw, import_id=row.import_id)
