"""A server forgets by itself what the log need not keep, and nobody can tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.project import Project
from coterie.storage.log import Log
from tests.server.served import until
from tests.server.whole import Process, Whole, order

KEEP = "\n[log]\nkeep_days = 1\n"
FAST = ("--speed", "28800")
"""Eight hours of its clock in each second."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Whole]:
    whole = Whole(tmp_path, KEEP)
    yield whole
    whole.stop()


def answered(process: Process) -> dict[str, object]:
    """What is said of a person, without the position."""
    said = process.get("/v1/profiles/ann").json
    found = {name: said[name] for name in ("profile", "traits", "stages")}
    return found | {"segments": {name: each["may"] for name, each in said["segments"].items()}}


def forgotten(shop: Whole) -> int:
    """The last entry that the log has forgotten, 0 for none."""
    with Log(shop.folder / "data" / "log.db") as log:
        return log.forgotten()


def test_server_forgets_what_is_old_and_answers_as_before(shop: Whole) -> None:
    """Entries go while it serves; values stay, what was sent is known again, and all is counted."""
    process = shop.serve().ready()
    shop.send(process, order(1, "ann", 150), order(2, "bob", 20))
    until(lambda: process.get("/v1/profiles/bob").status == 200)
    until(lambda: process.get("/v1/profiles/ann").json["stages"]["loyalty"]["purpose"])
    before = answered(process)
    assert process.stop() == 0  # from here on the lake has them
    assert forgotten(shop) == 0
    process = shop.serve(*FAST).ready()
    until(lambda: forgotten(shop) > 0)
    until(lambda: answered(process) == before)
    shop.send(process, order(1, "ann", 150), order(3, "ann", 1))
    until(lambda: answered(process)["traits"] == {"orders": 2, "spend": 151.0})
    assert process.stop() == 0
    with Project(shop.folder) as project:
        said = project.status()
        assert (said.received, said.stored, said.duplicate) == (4, 3, 1)
        assert said.balanced
