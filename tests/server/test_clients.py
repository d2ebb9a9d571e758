"""The libraries of Segment and RudderStack deliver every event, also while the server is away."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, SOAK, missing
from tests.server.served import Served, until

CLIENTS = ROOT / ".venv" / "clients"
N = 160
AWAY = 60.0 if SOAK else 0.2
"""Seconds that the server is away, twice."""


LIBRARIES = {
    "segment-python": "segment.analytics.client",
    "rudderstack-python": "rudderstack.analytics.client",
    "segment-node": "@segment/analytics-node",
    "rudderstack-node": "@rudderstack/rudder-sdk-node",
}


@pytest.fixture(params=LIBRARIES)
def command(request: pytest.FixtureRequest) -> list[str | Path]:
    """What runs a library's sender."""
    library = LIBRARIES[request.param]
    python = CLIENTS / "python" / "bin" / "python"
    node = shutil.which("node")
    if request.param.endswith("python") and python.exists():
        return [python, ROOT / "tests" / "clients" / "send.py", library]
    if request.param.endswith("node") and node and (CLIENTS / "node_modules" / library).is_dir():
        return [node, ROOT / "tests" / "clients" / "send.js", library]
    return missing(f"no library {library}: type `make clients`")


def sending(command: list[str | Path], shop: Served, name: str) -> subprocess.Popen[str]:
    """A process that sends N events."""
    return subprocess.Popen(
        [*command, shop.address, shop.key, name, str(N)], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=os.environ | {"CLIENTS": str(CLIENTS)},
    )  # fmt: skip


def sent(client: subprocess.Popen[str]) -> None:
    """Wait until a client has delivered everything, by its own account."""
    with client:
        said, errors = client.communicate(timeout=400)
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
        assert n > 20 or len(shop.message_ids()) < N
        time.sleep(AWAY)
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
