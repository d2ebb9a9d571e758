"""The PostgreSQL server of the tests is a real one, and Ibis speaks to it."""

from __future__ import annotations

from collections.abc import Iterator

import ibis
import pytest
from ibis.backends.postgres import Backend


@pytest.fixture
def connection(postgres: dict[str, str | int]) -> Iterator[Backend]:
    con = ibis.postgres.connect(**postgres)
    yield con
    con.disconnect()


def test_ibis_executes_on_a_real_server(connection: Backend) -> None:
    """An expression is executed by the server, not only rendered."""
    orders = ibis.memtable({"person": ["a", "a", "b"], "units": [1, 2, 4]})
    query = orders.group_by("person").agg(total=orders.units.sum()).order_by("person")
    answer = connection.to_pyarrow(query).to_pylist()
    assert answer == [{"person": "a", "total": 3}, {"person": "b", "total": 4}]


def test_text_compares_by_code_point(connection: Backend) -> None:
    """The server sorts text as the language does, whatever the machine's locale."""
    words = ibis.memtable({"word": ["b", "A", "é", "a", "Z"]})
    answer = connection.to_pyarrow(words.order_by("word")).to_pydict()
    assert answer == {"word": sorted(["b", "A", "é", "a", "Z"])}


def test_server_listens_on_no_network_address(connection: Backend) -> None:
    """Nobody outside this machine can reach the tests' server."""
    listening = connection.raw_sql("SHOW listen_addresses").fetchone()
    assert listening == ("",)
