"""Files become records: cells of text with their row number, or the reason why not.

Python's :mod:`csv` splits the records, one at a time. DuckDB's reader was tried first and set
aside: it numbers no rows, changes the quote character silently when quoting is broken, gives up
on the whole file at one long line, and cannot tell a UTF-16 file (version 2.0).
"""

from __future__ import annotations

import csv
import decimal
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from coterie.collect.lines import Line, encoding_of, failing, lines_of, readable
from coterie.collect.mapping import Form
from coterie.errors import MappingError, UnreadableFile

MOST_LINES = 100
"""Lines that one quoted cell may run over before its quote counts as broken."""

Cells = Sequence[str | None]
_json = msgspec.json.Decoder(float_hook=decimal.Decimal)
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Record(NamedTuple):
    """One row: where it stands in its file, its cells, its text, or what is wrong with it.

    `row` is the line of a text file (the header is line 1) and the row of a Parquet file.
    """

    row: int
    cells: Cells
    raw: str
    problem: str = ""
    detail: str = ""


class Table(Protocol):
    """A file of rows."""

    columns: tuple[str, ...]
    form: Form

    def records(self) -> Iterator[Record]:
        """Every row in order; may be asked again."""
        ...

    def split(self, raw: str) -> Cells:
        """The cells of a record's text."""
        ...


def open_table(path: Path, form: Form | None = None, columns: Sequence[str] | None = None) -> Table:
    """A file of rows: Parquet by its content, JSON Lines and CSV by the first sign.

    Parameters
    ----------
    form : Form, optional
        How it is written; found out from the whole file where absent.
    columns : sequence of str, optional
        The ones wanted of a JSON Lines file, which has no header; all, where absent.

    Raises
    ------
    UnreadableFile
        A file that cannot be a table, said before any row is read.
    """
    readable(path)
    with path.open("rb") as stream:
        if stream.read(4) == b"PAR1":
            return ParquetTable(path)
    if form is None:
        form = Form(encoding=encoding_of(path)[0])
        form = msgspec.structs.replace(form, delimiter=_delimiter(_first(path, form)))
    if _first(path, form).lstrip().startswith("{"):
        return JsonTable(path, form, columns)
    return CsvTable(path, form)


def _first(path: Path, form: Form) -> str:
    """The first line that is not blank."""
    for line in lines_of(path, form.encoding):
        if line.problem:
            raise UnreadableFile(
                "the first line cannot be read", where=f"{path}:{line.number}", got=line.problem,
                expected=f"a header in {form.encoding}",
            )  # fmt: skip
        if b"\r" in line.data:
            raise UnreadableFile(
                "the lines of this file end in a carriage return alone", where=f"{path}:1",
                expected="line feeds, with or without a carriage return before them",
                hint="save it again with the line ends of Unix or Windows",
            )  # fmt: skip
        if line.data.strip():
            return line.data.decode()
    raise UnreadableFile("the file is empty", where=str(path), expected="a header and rows")


def _delimiter(header: str) -> str:
    bare = "".join(header.split('"')[0::2])
    found = {sign: bare.count(sign) for sign in ",;\t|"}
    return max(found, key=lambda sign: found[sign])


class CsvTable:
    """A CSV file with a header."""

    def __init__(self, path: Path, form: Form) -> None:
        self.path = path
        self.form = form
        with_header = self._numbered()
        head = next(with_header)
        self.header_row = head.row
        if head.problem:
            raise UnreadableFile(
                "the header cannot be read", where=f"{path}:{head.row}", got=head.problem
            )
        self.columns = _header(path, head.cells)

    def records(self) -> Iterator[Record]:
        """Every record after the header; blank lines are none."""
        numbered = self._numbered(len(self.columns))
        next(numbered)
        yield from numbered

    def split(self, raw: str) -> list[str]:
        """The cells of one record; :class:`csv.Error` where quoting is broken."""
        if '"' not in raw:
            return raw.split(self.form.delimiter)
        return next(csv.reader([raw], delimiter=self.form.delimiter, strict=True))

    def _numbered(self, width: int | None = None) -> Iterator[Record]:
        source = lines_of(self.path, self.form.encoding)
        waiting: deque[Line] = deque()
        while True:
            line = waiting.popleft() if waiting else next(source, None)
            if line is None:
                return
            if line.problem:
                yield Record(line.number, (), line.data.decode("utf-8", "replace"), line.problem)
            elif line.data.strip():
                yield self._record(line, source, waiting, width)

    def _record(
        self, line: Line, source: Iterator[Line], waiting: deque[Line], width: int | None
    ) -> Record:
        raw = line.data.decode()
        taken: list[Line] = []
        quotes = raw.count('"')
        while quotes % 2 and len(taken) < MOST_LINES:
            more = waiting.popleft() if waiting else next(source, None)
            if more is None:
                break
            taken.append(more)
            if more.problem:
                break
            quotes += more.data.count(b'"')
        whole = "\n".join([raw, *(more.data.decode("utf-8", "replace") for more in taken)])
        record = self._split(line.number, whole, width)
        if record.problem and taken:
            waiting.extendleft(reversed(taken))
            return Record(line.number, (), raw, "broken_quoting", "a closing quote")
        return record

    def _split(self, row: int, raw: str, width: int | None) -> Record:
        try:
            cells = self.split(raw)
        except csv.Error:
            return Record(row, (), raw, "broken_quoting", "quotes doubled or closed")
        if width is not None and len(cells) != width:
            return Record(row, (), raw, "columns", f"{width} cells, not {len(cells)}")
        return Record(row, cells, raw)


def _header(path: Path, cells: Cells) -> tuple[str, ...]:
    names = tuple((cell or "").strip() or f"column {i + 1}" for i, cell in enumerate(cells))
    twice = [str(i) for i, name in enumerate(names, 1) if names.count(name) > 1]
    if twice:
        raise MappingError(
            "two columns have one name", where=f"{path}: header",
            got=f"columns {', '.join(twice)} are named alike",
            expected="a header whose names differ", hint="rename one of them in the file",
        )  # fmt: skip
    if all(name.replace(".", "").replace("-", "").isdigit() for name in names):
        raise UnreadableFile(
            "the file has no header", where=f"{path}:1", got="numbers",
            expected="a first line with the names of the columns",
        )  # fmt: skip
    return names


class JsonTable:
    """JSON Lines: one object a line; nested objects give dotted columns, arrays stay JSON."""

    def __init__(self, path: Path, form: Form, columns: Sequence[str] | None) -> None:
        self.path = path
        self.form = form
        self.columns = tuple(columns) if columns is not None else self._every_column()

    def records(self) -> Iterator[Record]:
        """Every line that is not blank."""
        for line in lines_of(self.path, self.form.encoding):
            raw = line.data.decode("utf-8", "replace")
            if line.problem:
                yield Record(line.number, (), raw, line.problem)
            elif raw.strip():
                yield self._record(line.number, raw)

    def split(self, raw: str) -> Cells:
        """The cells of one line."""
        flat = _flat(_json.decode(raw))
        return [flat.get(column) for column in self.columns]

    def _record(self, row: int, raw: str) -> Record:
        try:
            return Record(row, self.split(raw), raw)
        except (msgspec.DecodeError, TypeError, RecursionError):
            return Record(row, (), raw, "broken_json", "one JSON object")

    def _every_column(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for line in lines_of(self.path, self.form.encoding):
            try:
                found |= dict.fromkeys(_flat(_json.decode(line.data)))
            except (msgspec.DecodeError, TypeError, RecursionError):
                continue
        if not found:
            raise UnreadableFile("no line is a JSON object", where=str(self.path))
        return tuple(found)


def _flat(value: Any, path: str = "") -> dict[str, str | None]:
    if not isinstance(value, dict):
        raise TypeError
    found: dict[str, str | None] = {}
    for key, inner in value.items():
        if isinstance(inner, dict):
            found |= _flat(inner, f"{path}{key}.")
        else:
            found[f"{path}{key}"] = _cell(inner)
    return found


def _cell(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _encode(value).decode() if isinstance(value, list | dict) else str(value)


class ParquetTable:
    """A Parquet file; typed columns are read as the text that says the same."""

    BATCH = 8192

    def __init__(self, path: Path) -> None:
        self.path = path
        self.form = Form()
        try:
            self.columns = _header(path, pq.read_schema(path).names)
        except (pa.ArrowException, OSError) as error:
            raise UnreadableFile(
                "the Parquet file is damaged", where=str(path), got=type(error).__name__
            ) from None

    def records(self) -> Iterator[Record]:
        """Every row, numbered from 1."""
        row = 0
        with failing(self.path), pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(batch_size=self.BATCH):
                texts = [_texts(column) for column in batch.columns]
                for cells in zip(*texts, strict=True):
                    row += 1
                    problem = "nul" if any(c and "\0" in c for c in cells) else ""
                    yield Record(row, cells, _encode(cells).decode(), problem)

    def split(self, raw: str) -> list[str | None]:
        """The cells of one row."""
        return msgspec.json.decode(raw, type=list[str | None])


def _texts(column: pa.Array) -> list[str | None]:
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz:
        column = column.cast(pa.timestamp(kind.unit, "UTC"))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return list(column.to_pylist())
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return [None if v is None else _cell(msgspec.to_builtins(v)) for v in column.to_pylist()]
    return list(pc.cast(column, pa.string()).to_pylist())
