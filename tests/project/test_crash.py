"""A run that dies at any step leaves the former answer readable, and the next one completes."""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie.profiles import state
from coterie.profiles.run import Run
from tests.project.shop import MORE, Shop
from tests.support.nursery import ended

STEPS = ("define", "flush", "fit", "answer", "compare", "keep", "commit")

DYING = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from coterie.profiles.run import Run
from coterie.project import Project

folder, step, when = sys.argv[1:]
whole = getattr(Run, step)

def dying(self, *arguments, **named):
    if when == "after":
        whole(self, *arguments, **named)
    os._exit(9)

setattr(Run, step, dying)
Project(Path(folder), clock=lambda: datetime(2024, 3, 1, tzinfo=UTC)).run("2024-03-01")
"""


def die(shop: Shop, step: str, when: str) -> None:
    """Run in a process of its own that is gone at one step, as by a power cut."""
    assert ended(DYING, shop.folder, step, when) == 9


def test_every_step_is_tried() -> None:
    """The steps named here are those that a run has."""
    public = {name for name in vars(Run) if not name.startswith("_")}
    assert public == {*STEPS, "to"}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_run_leaves_the_former_answer(shop: Shop, step: str, when: str) -> None:
    """Readers see the run before, or the whole new one; another run makes everything good."""
    shop.project.run("2024-02-15")
    shop.imported(MORE, name="more")
    before, records = shop.members(), shop.changes()
    shop.project.close()
    die(shop, step, when)
    committed = (step, when) == ("commit", "after")
    assert (shop.members() == before) is not committed
    assert (shop.changes() == records) is not committed
    assert shop.folded() == shop.members()
    shop.project.run("2024-03-01")
    assert shop.folded() == shop.members() != before


def test_unfinished_records_are_swept_away(shop: Shop) -> None:
    """After the next run nothing is left of the one that died, for any other reader either."""
    shop.project.run("2024-02-15")
    shop.project.close()
    die(shop, "commit", "before")
    lake, ledger = shop.project.stores.lake, shop.project.stores.ledger
    every = lake.read("changes")
    assert every is not None
    assert every.num_rows > state.read_changes(lake, ledger).num_rows
    shop.project.run("2024-03-01")
    assert lake.read("changes").num_rows == state.read_changes(lake, ledger).num_rows
    kept = {int(path.name.removeprefix("state-")) for path in lake.folder.glob("state-*")}
    assert kept == {run.offset for run in ledger.runs()}


def test_killed_run_is_killed(shop: Shop, tmp_path: Path) -> None:
    """The check above would notice a run that is not stopped: its clock has moved and no more."""
    die(shop, "flush", "before")
    assert shop.project.stores.log.clock() is not None
    assert shop.project.stores.ledger.last_run() is None
