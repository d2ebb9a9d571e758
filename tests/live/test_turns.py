"""Others write while a stream runs: each gets a turn, and a second stream is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

import pytest

from coterie.errors import StoreError
from tests.live.shop import Live, bought, day
from tests.support.nursery import script

FOLLOWING = """
import sys
from pathlib import Path
from datetime import UTC, datetime
from coterie.project import Project
from coterie.profiles.live.replay import Manner

def until_told():
    print("step", flush=True)
    return Path(sys.argv[1]).with_name("stop").exists()

with Project(Path(sys.argv[1]), clock=lambda: datetime(2024, 3, 1, tzinfo=UTC)) as project:
    project.stream.replay(follow=True, stopping=until_told, manner=Manner(batch=5))
"""


@pytest.fixture
def followed(shop: Live) -> Iterator[tuple[Live, IO[str]]]:
    """The shop while another process follows it, and the steps that it tells of."""
    shop.project.close()
    with script(FOLLOWING, shop.folder) as process:
        assert process.stdout.readline() == "step\n"
        yield shop, process.stdout
        shop.folder.with_name("stop").touch()
        process.stdout.read()
    assert process.returncode == 0


def test_others_write_in_their_turn(followed: tuple[Live, IO[str]]) -> None:
    """What is received and erased meanwhile is in the stream some steps later."""
    shop, steps = followed
    shop.send([bought("x1", "gus", 55, "5")])
    shop.project.erase("fay")
    for _ in range(30):
        steps.readline()
    found = shop.log()["profile"].to_pylist()
    assert shop.person("gus") in found
    assert shop.person("fay") not in found


def test_run_while_a_stream_follows_is_recorded_once(followed: tuple[Live, IO[str]]) -> None:
    """The stream takes over what the run answered, and goes on."""
    shop, steps = followed
    for _ in range(30):
        steps.readline()
    shop.project.run(day(61))
    for _ in range(3):
        steps.readline()
    run = shop.project.stores.ledger.last_run()
    assert run is not None
    assert "by" not in run.counts
    assert shop.folded() == shop.members()
    shop.verified()


def test_second_stream_is_refused(followed: tuple[Live, IO[str]]) -> None:
    """One process moves the clock."""
    shop, _ = followed
    with pytest.raises(StoreError, match="replays this project already"):
        shop.replay()


def test_readers_see_what_was_recorded(followed: tuple[Live, IO[str]]) -> None:
    """Before the stream ends, out of outbox and lake alike."""
    shop, steps = followed
    for _ in range(30):
        steps.readline()
    look = shop.project.stream.watch("active", latest=5).look()
    assert len(look.movements) == 5
