"""Whatever is sent, the collector answers, stays small, and goes on taking good messages."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import socket
from pathlib import Path

import pytest

from tests.conftest import SOAK
from tests.server.served import Served, basic
from tests.torture.hammer import Hammered, hammer

N = 4_000
"""Of a default run; `make soak N=1000000` sends a million."""

AT_ONCE = 12
GROWTH = 500_000_000
"""Bytes by which the server may grow."""


def test_no_body_ends_or_stops_the_collector(shop: Served) -> None:
    """No 5xx, an answer to each, bounded memory; every good message among them is stored."""
    fuzzed(shop, [hammer(shop.start().port, shop.key, 1, N)], 0)


@pytest.mark.soak
def test_no_body_of_very_many_ends_or_stops_the_collector(shop: Served) -> None:
    """The same, as often as is wanted, over several connections."""
    shop.start()
    before = resident(shop)
    hammer(shop.port, shop.key, 2, N)
    started = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(AT_ONCE, started) as pool:
        found = [
            pool.submit(hammer, shop.port, shop.key, seed, SOAK // AT_ONCE)
            for seed in range(10, 10 + AT_ONCE)
        ]
        fuzzed(shop, [each.result() for each in found], before)


def fuzzed(shop: Served, found: list[Hammered], before: int) -> None:
    """Look at what was answered, and at what the shop holds afterwards."""
    assert not before or resident(shop) - before < GROWTH
    assert shop.stop() == 0
    assert [each.wrong for each in found] == [[]] * len(found)
    statuses = {status for each in found for status in each.statuses}
    assert {200, 204, 400, 401, 404, 405, 413, 415} == statuses
    good = [name for each in found for name in each.good]
    stored = shop.message_ids()
    assert set(good) <= set(stored)
    assert len(stored) == len(set(stored))
    assert shop.status()["balanced"]


def resident(shop: Served) -> int:
    """Bytes of memory that the server has now."""
    assert shop.process is not None
    pages = Path(f"/proc/{shop.process.pid}/statm").read_text().split()[1]
    return int(pages) * 4096


def test_slow_senders_keep_nobody_waiting(shop: Served) -> None:
    """While many connections bring a byte at a time, others are answered."""
    with (shop.folder / "coterie.toml").open("a") as file:
        file.write("\n[collect]\npatience = 2.0\n")
    shop.start()
    head = f"POST /v1/track HTTP/1.1\r\nhost: x\r\nauthorization: {basic(shop.key)}\r\n"
    slow = [socket.create_connection(("127.0.0.1", shop.port), 30) for _ in range(100)]
    for each in slow:
        each.sendall(f"{head}content-length: 1000\r\n\r\n{{".encode())
    found = hammer(shop.port, shop.key, 3, 200)
    for each in slow:
        each.sendall(b" ")
        assert each.recv(100).startswith(b"HTTP/1.1 408")
        each.close()
    fuzzed_good = set(found.good)
    assert shop.stop() == 0
    assert fuzzed_good <= set(shop.message_ids())
