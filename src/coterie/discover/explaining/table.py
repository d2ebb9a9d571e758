"""The people of a study as one table that anybody can ask in SQL, and the asking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from coterie.discover.candidates import Candidate
from coterie.discover.crowd import Crowd
from coterie.discover.prepared import Prepared

TABLE = "people"
Answer = float | str | None
Ask = Callable[[str], tuple[Answer, ...]]
"""A query that answers with one row, to that row."""


def people(crowd: Crowd, prepared: Prepared, candidate: Candidate) -> pa.Table:
    """One row a person of the study: ``cluster``, and each trait as it was found.

    Notes
    -----
    Cluster -1 is noise. Whoever the preparation left out is not in it, and nobody's pseudonym
    is. A trait called ``cluster`` is left out for the column of this name.
    """
    names = [column.name for column in crowd.columns if column.name != "cluster"]
    traits = pa.Table.from_pandas(prepared.raw[names], preserve_index=False)
    return traits.add_column(0, "cluster", pa.array(candidate.labels)).replace_schema_metadata()


@contextmanager
def asking(table: pa.Table) -> Iterator[Ask]:
    """A way to ask the table `people` in SQL; nothing of it is written to a disk."""
    with duckdb.connect(config={"max_temp_directory_size": "0B"}) as connection:
        connection.register(TABLE, table)

        def ask(query: str) -> tuple[Answer, ...]:
            row = connection.execute(query).fetchone()
            return tuple(row) if row is not None else ()

        yield ask


def name(text: str) -> str:
    """A name as SQL writes it.

    Examples
    --------
    >>> name("spend"), text("Valentine's")
    ('"spend"', "'Valentine''s'")
    """
    return '"' + text.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text constant as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"
