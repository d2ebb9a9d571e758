"""The language in SQL: many points at once, on DuckDB and PostgreSQL, through Ibis."""

from coterie.engines.sql.engine import SqlEngine
from coterie.engines.sql.sources import (
    LakeSource,
    MemorySource,
    PostgresSource,
    Source,
    TableSource,
)

__all__ = [
    "LakeSource",
    "MemorySource",
    "PostgresSource",
    "Source",
    "SqlEngine",
    "TableSource",
]
