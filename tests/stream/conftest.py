"""The database that the stream is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ibis
import pytest


@pytest.fixture(scope="session")
def duckdb_backend() -> Iterator[Any]:
    backend = ibis.duckdb.connect(threads=2)
    yield backend
    backend.disconnect()
