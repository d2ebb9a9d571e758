"""Rows of the quarantine as somebody mended them: out of an edited file, and as a table."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from coterie.collect.mapping import Form, Mapping
from coterie.collect.reading import Cells, Record
from coterie.collect.rows import Edit, Row
from coterie.errors import MappingError, UnreadableFile

HEAD = ("_id", "_source", "_file", "_row", "_reason", "_detail", "_raw")
"""The first columns of an exported file; the rows' own columns follow."""


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


def edits(path: Path, known: Collection[str]) -> dict[str, Edit]:
    """The rows of an edited file, by id.

    Parameters
    ----------
    path : Path
        A CSV file as `Quarantine.export` writes it.
    known : collection of str
        The ids of the rows in quarantine.

    Raises
    ------
    MappingError
        It names a row that is not in quarantine, or lacks ``_id``.
    UnreadableFile
    """
    found: dict[str, Edit] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if "_id" not in (reader.fieldnames or ()):
                raise MappingError(
                    "the edited file has no column _id", where=str(path),
                    expected="a file written by `quarantine export`",
                )  # fmt: skip
            for number, line in enumerate(reader, 2):
                if line["_id"] not in known:
                    raise MappingError(
                        "the edited file names a row that is not in quarantine",
                        where=f"{path}: row {number}", hint="export again",
                    )  # fmt: skip
                found[line["_id"]] = _edit(line)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(
            "the edited file cannot be read", where=str(path), got=type(error).__name__
        ) from None
    return found


def _edit(line: dict[str, str]) -> Edit:
    cells: dict[str, str | None] = {
        name: value for name, value in line.items() if name is not None and name not in HEAD
    }
    return Edit(cells, line.get("_raw") or "")
