"""Segment's own libraries deliver every event, also while the server is away."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, missing
from tests.server.served import Served, until

CLIENTS = ROOT / ".venv" / "clients"
N = 160


@pytest.fixture(params=["python", "node"])
def command(request: pytest.FixtureRequest) -> list[str | Path]:
    """What runs a library's sender."""
    library = CLIENTS / "node_modules" / "@segment" / "analytics-node"
    python = CLIENTS / "python" / "bin" / "python"
    node = shutil.which("node")
    if request.param == "python" and python.exists():
        return [python, ROOT / "tests" / "clients" / "send.py"]
    if request.param == "node" and node is not None and library.is_dir():
        return [node, ROOT / "tests" / "clients" / "send.js"]
    return missing(f"no Segment library for {request.param}: type `make clients`")


def sending(command: list[str | Path], shop: Served, name: str) -> subprocess.Popen[str]:
    """A process that sends N events."""
    return subprocess.Popen(
        [*command, shop.address, shop.key, name, str(N)], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=os.environ | {"CLIENTS": str(CLIENTS)},
    )  # fmt: skip


def sent(client: subprocess.Popen[str]) -> None:
    """Wait until a client has delivered everything, by its own account."""
    with client:
        said, errors = client.communicate(timeout=120)
    assert client.returncode == 0, errors
    assert json.loads(said) == []


def test_every_event_arrives_though_the_server_was_away(
    shop: Served, command: list[str | Path]
) -> None:
    """A library tries again until it is answered; each event is stored once."""
    shop.start()
    client = sending(command, shop, "a")
    for n, end in ((20, Served.kill), (70, Served.stop)):
        until(lambda least=n: len(shop.message_ids()) > least)
        end(shop)
        assert len(shop.message_ids()) < N
        time.sleep(0.2)
        shop.start()
    sent(client)
    assert sorted(shop.message_ids()) == sorted(f"a-{n}" for n in range(N))
    status = shop.status()
    assert (status["stored"], status["quarantined"], status["balanced"]) == (N, 0, True)
    assert {event.type for event in shop.stored()} == {"track", "identify", "page"}
    assert shop.stored()[0].properties["when"] == "é\u2028"
    sent(sending(command, shop, "a"))  # the same ids once more, of other instants
    status = shop.status()
    assert (status["received"] >= 2 * N, status["stored"], status["balanced"]) == (True, N, True)
    assert set(status["reasons"]) == {"conflict"}
