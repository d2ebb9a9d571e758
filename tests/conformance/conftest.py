"""The databases that the conformance tests run on: one connection of each for a worker."""

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


@pytest.fixture(scope="session")
def postgres_backend(postgres: dict[str, str | int]) -> Iterator[Any]:
    backend = ibis.postgres.connect(**postgres)
    yield backend
    backend.disconnect()
