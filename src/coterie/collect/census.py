"""A census of a file's columns: what every one of their values could be, in bounded memory."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from coterie.collect.dates import Dates
from coterie.collect.reading import Table
from coterie.collect.values import FALSE, TRUE, Refused, digits, number, whole
from coterie.errors import UnreadableFile

CHUNK = 50_000
DISTINCT = 1000
"""Distinct values of a column that are remembered; of more, only that there are more."""

EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
PHONE = re.compile(r"\+?[\d\s().-]{9,20}")
_ARTIFACT = re.compile(r"-?\d+\.0+")
_LETTERS = re.compile(r"[A-Za-z]*")
_NULLS = frozenset({"", "NULL", "\\N"})


class Column:
    """What the values of one column have in common."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.n = 0
        self.n_empty = 0
        self.n_numbers = {".": 0, ",": 0}
        self.n_whole = self.n_artifacts = 0
        self.n_boolean = self.n_email = self.n_phone = self.n_negative = 0
        self.scale = {".": 0, ",": 0}
        self.padded = False
        self.n_words = 0
        self.varies = False
        self.dates = Dates()
        self.values: Counter[str] = Counter()
        self.rare: set[str] = set()

    @property
    def n_filled(self) -> int:
        """Rows with a value."""
        return self.n - self.n_empty

    @property
    def distinct(self) -> int:
        """Distinct values, counted up to `DISTINCT`."""
        return len(self.values)

    def share(self, n: int) -> float:
        """Of the rows with a value."""
        return n / self.n_filled if self.n_filled else 0.0

    @property
    def decimal(self) -> str:
        """The decimal sign under which more values are numbers."""
        return "," if self.n_numbers[","] > self.n_numbers["."] else "."

    @property
    def numeric(self) -> bool:
        """Whether nearly every value is a number (the others will be quarantined)."""
        return self.share(self.n_figures) >= 0.98

    @property
    def n_figures(self) -> int:
        """Rows whose value is a number under that sign."""
        return self.n_numbers[self.decimal]

    def add(self, values: Counter[str]) -> None:
        """Look at distinct values with the number of rows that hold them."""
        for value, n in values.items():
            bare = value.strip()
            self.n += n
            if bare in _NULLS:
                self.n_empty += n
            else:
                self._look(bare, n)

    def _look(self, value: str, n: int) -> None:
        if len(self.values) < DISTINCT or value in self.values:
            self.values[value] += n
        elif len(self.rare) < DISTINCT and not value[0].isdigit() and len(value) <= 20:
            self.rare.add(value)
        self.n_boolean += n * (value.lower() in TRUE or value.lower() in FALSE)
        self.n_email += n * (EMAIL.fullmatch(value) is not None)
        self.n_phone += n * (PHONE.fullmatch(value) is not None)
        self.n_artifacts += n * (_ARTIFACT.fullmatch(value) is not None)
        self.n_whole += n * whole(value).isdigit()
        self.padded |= len(value) > 1 and value[0] == "0" and value.isdigit()
        if value[0] in "0123456789+-($£€¥₹.," or value[-1] in "0123456789€$£)":
            self._figure(value, n)
        else:
            self.n_words += n
        self.dates.add(value, n)

    def _figure(self, value: str, n: int) -> None:
        for sign in ".,":
            try:
                found = number(value, sign)
            except Refused:
                continue
            self.n_numbers[sign] += n
            self.scale[sign] = max(self.scale[sign], digits(found))
            self.n_negative += n * (sign == "." and found < 0)


class Census:
    """Every column of a file, and how many rows it has."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = {name: Column(name) for name in columns}
        self.n_rows = 0
        self.n_broken = 0


def census(table: Table, file: str = "") -> Census:
    """Look at every value of a file.

    Raises
    ------
    UnreadableFile
        A file without rows.
    """
    found = Census(table.columns)
    records = table.records()
    while chunk := list(islice(records, CHUNK)):
        rows = [record.cells for record in chunk if not record.problem]
        found.n_broken += len(chunk) - len(rows)
        found.n_rows += len(rows)
        for column, cells in zip(found.columns.values(), zip(*rows, strict=True), strict=False):
            column.add(Counter("" if cell is None else cell for cell in cells))
    if not found.n_rows:
        raise UnreadableFile(
            "the file has a header and no row that can be read", where=file,
            got=f"{found.n_broken:,} broken rows" if found.n_broken else "no rows",
        )  # fmt: skip
    return found


class Prefix:
    """Rows whose order's key starts with the same letters.

    `n_negative` have a negative quantity, and of these `n_free` a price of nothing.
    """

    def __init__(self) -> None:
        self.n = self.n_negative = self.n_free = 0


def prefixes(
    table: Table, found: Census, key: str, quantity: str | None, price: str | None
) -> dict[str, Prefix]:
    """What orders of one prefix have in common; and mark the columns that vary in an order.

    A column varies when it differs between neighbouring rows of one `key`.
    """
    names = list(found.columns)
    place = names.index(key)
    count = names.index(quantity) if quantity else None
    cost = names.index(price) if price else None
    before: Sequence[str | None] = ()
    same = set(range(len(names)))
    groups: dict[str, Prefix] = {}
    for record in table.records():
        cells = record.cells
        if record.problem:
            continue
        if before and cells[place] == before[place]:
            same -= {i for i in same if cells[i] != before[i]}
        before = cells
        start = _LETTERS.match((cells[place] or "").strip())
        group = groups.setdefault(start[0] if start and len(groups) < DISTINCT else "", Prefix())
        group.n += 1
        if count is not None and (cells[count] or "").strip()[:1] in ("-", "("):
            group.n_negative += 1
            group.n_free += cost is not None and not (cells[cost] or "").strip("0., £$€")
    for i, name in enumerate(names):
        found.columns[name].varies = i not in same
    return groups
