"""A second file, looked up by key: its columns join those of the row that names one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from coterie.collect.mapping import Lookup, Mapping
from coterie.collect.reading import open_table
from coterie.collect.values import Refused, whole
from coterie.errors import MappingError, nearest

MOST_ROWS = 1_000_000
"""Rows of a second file, which is held in memory."""

Row = tuple[str | None, ...]


class Index:
    """The wanted columns of a second file by their key."""

    def __init__(self, name: str, lookup: Lookup, columns: Sequence[str], rows: dict[str, Row]):
        self.name = name
        self.lookup = lookup
        self.columns = tuple(f"{name}.{column}" for column in columns)
        self.rows = rows
        self.nothing: Row = (None,) * len(columns)

    def find(self, text: str | None) -> Row:
        """The columns of one key.

        Raises
        ------
        Refused
            ``no_match`` where the lookup is required and its file has no such key.
        """
        found = self.rows.get(_key(text, self.lookup)) if text else None
        if found is None and self.lookup.required:
            raise Refused(
                "no_match", f"lookups.{self.name}: a key of {Path(self.lookup.file).name}"
            )
        return self.nothing if found is None else found


def load_lookups(mapping: Mapping, folders: Sequence[Path]) -> tuple[Index, ...]:
    """Every second file of the mapping, found in the first of `folders` that holds it.

    Raises
    ------
    MappingError
        A file that is nowhere, a column it lacks, a key that stands twice with other values.
    """
    return tuple(_load(name, one, mapping, folders) for name, one in mapping.lookups.items())


def _load(name: str, lookup: Lookup, mapping: Mapping, folders: Sequence[Path]) -> Index:
    where = f"lookups.{name}"
    path = next((f / lookup.file for f in folders if (f / lookup.file).is_file()), None)
    if path is None:
        raise MappingError(
            "the second file is not there", where=where, got=lookup.file,
            hint="put it beside the file that is imported, or beside the mapping",
        )  # fmt: skip
    table = open_table(path)
    prefix = f"{name}."
    wanted = sorted({c[len(prefix) :] for c in mapping.columns().values() if c.startswith(prefix)})
    for column in (lookup.key, *wanted):
        if column not in table.columns:
            raise MappingError(
                "the second file has no such column", where=where, got=repr(column),
                hint=nearest(column, table.columns),
            )  # fmt: skip
    places = [table.columns.index(column) for column in wanted]
    at = table.columns.index(lookup.key)
    rows: dict[str, Row] = {}
    for record in table.records():
        if record.problem:
            raise MappingError(
                "a row of the second file cannot be read", where=f"{path.name}:{record.row}",
                got=record.problem,
            )  # fmt: skip
        row = tuple(record.cells[place] for place in places)
        if rows.setdefault(_key(record.cells[at], lookup), row) != row:
            raise MappingError("a key stands twice", where=f"{path.name}:{record.row}")
        if len(rows) > MOST_ROWS:
            raise MappingError(f"the second file has more than {MOST_ROWS:,} rows", where=where)
    return Index(name, lookup, wanted, rows)


def _key(text: str | None, lookup: Lookup) -> str:
    bare = (text or "").strip()
    return whole(bare) if lookup.whole else bare
