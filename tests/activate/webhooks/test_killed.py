"""A process that is killed anywhere loses no message, and repeats one under its own id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from tests.activate.webhooks.outside import SECOND, Outside
from tests.activate.webhooks.receiver import Receiver
from tests.support.nursery import ended

ROOT = Path(__file__).parents[3]
SOAK = int(os.environ.get("COTERIE_SOAK") or 0)
PEOPLE = [f"p{i}" for i in range(6)]
DYING = """
import sys
from tests.activate.webhooks.killing import main

main(*sys.argv[1:])
"""


def killed(outside: Outside, site: str) -> None:
    """A deliverer of the same ledger, which dies at a site."""
    assert ended(DYING, outside.ledger.path.parent, outside.now, site) == -signal.SIGKILL


@pytest.mark.parametrize(
    ("site", "repeated"), [("sent", True), ("asked", False), ("enqueued", False)]
)
def test_a_killed_deliverer_loses_nothing_and_counts_nothing_twice(
    outside: Outside, receiver: Receiver, site: str, repeated: bool
) -> None:
    """Between the POST and its commit, before the POST, and after what is to be sent was kept."""
    outside.add(receiver.url)
    outside.enter(*PEOPLE)
    killed(outside, site)
    killed(outside, site if site != "enqueued" else "sent")
    before = len(receiver.attempts)
    assert (before > 0) == (repeated or site == "enqueued")
    outside.set(outside.now + SECOND)
    outside.deliver()
    assert sorted(receiver.told()) == [(p, "audience.entered", "hesitant") for p in PEOPLE]
    assert receiver.forged == 0
    assert outside.fates() == {"delivered": len(PEOPLE)}
    assert len(receiver.attempts) == before + len(PEOPLE)


@pytest.mark.soak
def test_kills_at_any_moment_lose_nothing(outside: Outside, receiver: Receiver) -> None:
    """People enter and leave while deliverers are killed one after the other."""
    outside.add(receiver.url)
    random, inside = Random(SOAK), set[str]()
    for i in range(SOAK):
        who = f"p{random.randrange(50)}"
        (outside.leave if who in inside else outside.enter)(who)
        inside ^= {who}
        process = subprocess.Popen(
            [
                sys.executable, "-m", "tests.activate.webhooks.killing",
                str(outside.ledger.path.parent), str(outside.now), "outside",
            ],
            cwd=ROOT, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(random.random() * 0.2)
        process.kill()
        process.communicate()
        outside.set(outside.now + i % 3 * SECOND)
    outside.deliver()
    told: set[str] = set()
    for who, kind, _ in receiver.told():
        assert (who in told) == (kind == "audience.exited")
        told ^= {who}
    assert told == inside
    assert outside.fates() == {"delivered": len(receiver.messages)} == {"delivered": SOAK}
