"""How each database is spoken to: its functions, its temporary tables, its rows.

Above this file no engine is asked for its name.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa

from coterie.engines.sql import modelling, prelude
from coterie.errors import StoreError, Unsupported

I64, F64, WIDE = dt.int64, dt.float64, dt.Decimal(38, 0)

SIGNATURES: dict[str, tuple[int, dt.DataType]] = {
    "fit": (1, I64),
    "total_of": (4, I64),
    "product": (3, I64),
    "quotient": (4, I64),
    "mean_of": (3, I64),
    "wide": (2, WIDE),
    "often": (2, WIDE),
    "steps": (2, I64),
    "finite": (1, F64),
    "real_sum": (2, F64),
    "real_difference": (2, F64),
    "real_product": (2, F64),
    "real_quotient": (2, F64),
    "real": (1, F64),
    "decay": (1, F64),
    "exactly": (1, WIDE),
    "high": (1, WIDE),
    "low": (1, F64),
    "huge": (1, F64),
    "whole": (3, F64),
    "bounded": (3, F64),
    "log1p": (1, F64),
    "yeo_johnson": (2, F64),
    "products": (2, dt.Array(F64)),
    "scores": (2, dt.Array(F64)),
    "best": (1, I64),
}
"""Function of the prelude -> how many arguments it takes, and the type it gives."""


class Dialect(ABC):
    """One database's way of doing what the interpreter asks for.

    Parameters
    ----------
    backend : ibis backend
        A connection of the engine's own: temporary tables and functions are made on it.
    """

    prelude: ClassVar[tuple[str, ...]] = ()
    place: ClassVar[str | None] = None
    step: ClassVar[str] = "AS MATERIALIZED"
    """How a step of a chain of expressions is named so that each is computed once."""
    unsupported: ClassVar[frozenset[type]] = frozenset()
    """Nodes of the language that this database cannot do; the engine refuses them by name."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend
        self.check()
        for statement in self.prelude:
            self.run(statement)

    @abstractmethod
    def check(self) -> None:
        """Refuse a database that would give another answer."""

    def call(self, name: str, *arguments: Any) -> Any:
        """An expression that calls a function of the prelude."""
        return _functions(self.place)[name](*arguments)

    def compile(self, expression: Any, *, pretty: bool = False) -> str:
        """The SQL of a table expression, on one line or laid out to be read."""
        return str(self.backend.compile(expression, pretty=pretty))

    def run(self, statement: str) -> None:
        """Execute a statement that answers nothing."""
        self.backend.con.execute(statement)

    def drop(self, name: str) -> None:
        """Forget a temporary table, if there is one of that name."""
        self.run(f'DROP TABLE IF EXISTS "{name}"')

    @abstractmethod
    def fetch(self, query: str, schema: pa.Schema) -> pa.Table:
        """The rows of a query, in its order."""

    @abstractmethod
    def load(self, name: str, rows: pa.Table) -> None:
        """Make a temporary table of these rows."""

    @abstractmethod
    def real_total(self, value: Any, where: Any) -> Any:
        """The sum of reals with no loss on the way; null where it is not finite."""

    @abstractmethod
    def positive_total(self, value: Any, where: Any) -> Any:
        """The sum of reals of one sign, which cannot cancel; null where it is not finite."""

    @abstractmethod
    def any_of(self, value: Any, where: Any) -> Any:
        """Any one of some values, null where there is none."""


class DuckDB(Dialect):
    """DuckDB, in this process."""

    prelude = (*prelude.DUCKDB, *modelling.DUCKDB)
    step = "AS"  # it computes a projection once by itself; to keep the rows costs a fifth more

    def check(self) -> None:
        """Nothing to refuse: DuckDB always compares text by code point."""

    def fetch(self, query: str, schema: pa.Schema) -> pa.Table:
        """The rows of a query, in its order."""
        return self.backend.con.sql(query).to_arrow_table().cast(schema)

    def load(self, name: str, rows: pa.Table) -> None:
        """Make a temporary table of these rows."""
        con = self.backend.con
        con.register(f"{name}_rows", rows)
        try:
            con.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS FROM "{name}_rows"')
        finally:
            con.unregister(f"{name}_rows")

    def real_total(self, value: Any, where: Any) -> Any:
        """The sum of reals in three exact parts; null where it is not finite."""
        parts = (self.call(part, value).sum(where=where) for part in ("high", "low", "huge"))
        return self.call("whole", *parts)

    def positive_total(self, value: Any, where: Any) -> Any:
        """The sum of reals of one sign; null where it is not finite."""
        return self.call("finite", _compensated_sum(value, where=where))

    def any_of(self, value: Any, where: Any) -> Any:
        """Any one of some values."""
        return value.arbitrary(where=where)


class PostgreSQL(Dialect):
    """PostgreSQL 14 or newer, with text that compares by code point."""

    prelude = (*prelude.POSTGRES, *modelling.POSTGRES)
    place = "pg_temp"

    def check(self) -> None:
        """Refuse a database that would give another answer.

        Raises
        ------
        StoreError
            Text is not UTF-8, or is ordered by a language's rules instead of by code point.
        """
        encoding = self._asked("SHOW server_encoding")
        ordered = (
            "SELECT string_agg(w, '' ORDER BY w) FROM unnest(string_to_array('{}', null)) AS w"
        )
        if encoding != "UTF8" or self._asked(ordered.format(_BY_CODE_POINT)) != _BY_CODE_POINT:
            raise StoreError(
                "the database does not compare text by code point",
                where="PostgreSQL",
                got=f"encoding {encoding}" if encoding != "UTF8" else "another order of text",
                expected="encoding UTF8, collation C",
                hint="CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'",
            )

    def _asked(self, query: str) -> Any:
        return self.backend.con.execute(query, prepare=False).fetchone()[0]

    def fetch(self, query: str, schema: pa.Schema) -> pa.Table:
        """The rows of a query, in its order."""
        rows = self.backend.con.execute(query, prepare=False).fetchall()
        columns = list(zip(*rows, strict=True)) or [()] * len(schema)
        arrays = [
            pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)
        ]
        return pa.table(arrays, schema=schema)

    def run(self, statement: str) -> None:
        """Execute a statement that answers nothing."""
        # Never prepared: a temporary table of one name may have other columns the next time.
        self.backend.con.execute(statement, prepare=False)

    def load(self, name: str, rows: pa.Table) -> None:
        """Make a temporary table of these rows."""
        self.drop(name)
        columns = ", ".join(f'"{f.name}" {_POSTGRES_TYPES[f.type]}' for f in rows.schema)
        self.run(f'CREATE TEMP TABLE "{name}" ({columns})')
        with (
            self.backend.con.cursor() as cursor,
            cursor.copy(f'COPY "{name}" FROM STDIN') as copy,
        ):
            for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
                copy.write_row(row)
        self.run(f'ANALYZE "{name}"')

    def real_total(self, value: Any, where: Any) -> Any:
        """The exact sum of reals; null where it is not finite."""
        return self.call("finite", self.call("exactly", value).sum(where=where))

    positive_total = real_total

    def any_of(self, value: Any, where: Any) -> Any:
        """Any one of some values: before version 16 it has no aggregate for that."""
        return value.collect(where=where)[0]


_BY_CODE_POINT = " AZ_aéｦ\U0001f600"
"""Characters in the order of their code points, which no language's rules keep."""

_POSTGRES_TYPES = {
    pa.int64(): "bigint",
    pa.float64(): "double precision",
    pa.string(): "text",
    pa.bool_(): "boolean",
    pa.binary(): "bytea",
}


@ibis.udf.agg.builtin(name="fsum")  # type: ignore[untyped-decorator]
def _compensated_sum(x: float) -> float:  # type: ignore[empty-body]
    """Kahan's sum."""


@cache
def _functions(place: str | None) -> dict[str, Callable[..., Any]]:
    builtin = ibis.udf.scalar.builtin
    return {
        name: builtin(name=f"coterie_{name}", database=place)(_stub(name, arity, returns))
        for name, (arity, returns) in SIGNATURES.items()
    }


def _stub(name: str, arity: int, returns: dt.DataType) -> Callable[..., None]:
    """A function whose signature Ibis reads; the database has its body."""

    def stub(*_: Any) -> None: ...

    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(letter, either) for letter in "abcd"[:arity]]
    stub.__name__ = name
    stub.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    stub.__annotations__ = {"return": returns}
    return stub


def dialect_of(backend: Any) -> Dialect:
    """The dialect of a connection, made ready the first time that it is asked for.

    Raises
    ------
    Unsupported
        For a database that no dialect speaks.
    """
    dialects = {"duckdb": DuckDB, "postgres": PostgreSQL}
    opened = vars(backend).get("_coterie")  # kept there: two backends in memory compare equal
    if isinstance(opened, Dialect):
        return opened
    if backend.name not in dialects:
        raise Unsupported("no dialect for this database", got=backend.name,
                          expected=", ".join(dialects))  # fmt: skip
    backend._coterie = dialects[backend.name](backend)
    return backend._coterie  # type: ignore[no-any-return]
