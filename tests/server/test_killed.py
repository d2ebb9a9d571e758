"""What was acknowledged is on disk, however the server ends."""

from __future__ import annotations

import shutil
import subprocess
import threading
from random import Random

import pytest

from tests.conftest import SOAK, missing
from tests.server.load import Load
from tests.server.served import Served, until

ROUNDS = 3
"""Of a default run; `make soak N=1000` does a thousand."""

SEGMENT = "data/inbox/00000000000000000001.segment"
FAILED = 1


def kept(shop: Served, load: Load) -> None:
    """All that was acknowledged is there once, and nothing that nobody sent; all is counted."""
    stored = shop.message_ids()
    assert len(stored) == len(set(stored))
    assert load.acknowledged <= set(stored) <= load.sent
    assert shop.status()["balanced"]


def test_killed_server_keeps_what_it_acknowledged(shop: Served) -> None:
    """Killed under load at any moment: nothing is lost, nothing twice, all is counted."""
    killed(shop, ROUNDS)


@pytest.mark.soak
def test_server_killed_many_times_keeps_what_it_acknowledged(shop: Served) -> None:
    """The same, as often as is wanted."""
    killed(shop, SOAK)


def killed(shop: Served, rounds: int) -> None:
    """Keep a server busy, kill it, and start it again."""
    random, loads = Random(rounds), []
    for n in range(rounds):
        shop.start()
        loads.append(Load(shop, f"k{n}", seed=n).start())
        until(lambda: loads[-1].acknowledged)
        threading.Event().wait(random.uniform(0.05, 0.5))
        shop.kill()
        loads[-1].end()
    shop.start()
    stored = set(shop.message_ids())
    for load in loads:
        assert load.acknowledged <= stored
        assert load.statuses <= {200}
    status = shop.status()
    assert status["balanced"]
    assert status["stored"] == len(stored)
    assert stored <= set().union(*(load.sent for load in loads))


def test_stopped_server_answers_all_that_it_took(shop: Served) -> None:
    """Whoever is turned away is told so; whatever was taken is on disk and answered."""
    shop.start()
    load = Load(shop, "s", seed=1).start()
    until(lambda: len(load.acknowledged) > 200)
    assert shop.stop() == 0
    load.end()
    kept(shop, load)
    assert load.statuses <= {200, 503}


@pytest.fixture
def strace() -> str:
    found = shutil.which("strace")
    if found is None:
        missing("no strace: `sudo apt-get install strace`")
    if subprocess.run([found, "-qq", "-o", "/dev/null", "true"], check=False).returncode:
        missing("this machine lets no process trace another")
    return found


def injected(strace: str, shop: Served, what: str) -> None:
    """Start the server with a failure of the system, at the inbox's own file."""
    shop.start(
        strace, "-D", "-f", "-qq", "-o", str(shop.folder / "strace.out"),
        "-P", str(shop.folder / SEGMENT), "-e", "trace=fdatasync,write", "-e", f"inject={what}",
    )  # fmt: skip


def test_nothing_is_acknowledged_after_a_failed_fsync(strace: str, shop: Served) -> None:
    """The server answers 503, ends with an error, and goes on after a new start."""
    injected(strace, shop, "fdatasync:error=EIO:when=20")
    load = Load(shop, "f", seed=2).start()
    code, said = shop.ended()
    load.end()
    assert code == FAILED
    assert "the store failed" in said
    assert len(load.acknowledged) > 10
    kept(shop, load)
    assert load.statuses <= {200, 503}
    shop.start()
    assert shop.post("/v1/track", {"event": "Last", "messageId": "last"}).status == 200
    assert "last" in shop.message_ids()


def test_full_disk_is_said_and_recovered_from(strace: str, shop: Served) -> None:
    """503 while there is no room, and 200 as soon as there is again, without a restart."""
    injected(strace, shop, "write:error=ENOSPC:when=40..60")
    load = Load(shop, "d", seed=3, n_senders=2).start()
    until(lambda: 503 in load.statuses)
    before = len(load.acknowledged)
    until(lambda: len(load.acknowledged) > before + 100)
    load.end()
    assert shop.stop() == 0
    kept(shop, load)
