"""A run killed at any write leaves the former answer readable, and the next run complete."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coterie.profiles import state
from tests.history.conftest import RUNS
from tests.history.edits import WIDER, edited
from tests.project.shop import MORE, Shop

ROOT = Path(__file__).parents[2]
EVERY = 9
"""A default run kills at every ninth site; `make soak` at each."""
PARTS = 2

Killed = Callable[[Path, int], str]


@pytest.fixture(scope="module")
def waiting(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose next run reads late events, applies an edit, and fits anew."""
    shop = Shop.copied(made, tmp_path_factory.mktemp("waiting") / "copy").consented()
    for until in RUNS:
        shop.project.run(until)
    shop.imported(MORE, name="more")
    edited(shop, WIDER).project.close()
    return shop.folder.parent


@pytest.fixture(scope="module")
def killed() -> Iterator[Killed]:
    """Runs a folder in a process that is killed at a site; says which it was."""
    command = [sys.executable, "-m", "tests.history.killing"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        asked, told = parent.stdin, parent.stdout
        assert asked is not None
        assert told is not None

        def kill(folder: Path, site: int) -> str:
            print(folder, site, file=asked, flush=True)
            return told.readline().strip()

        yield kill


def seen(shop: Shop) -> dict[str, Any]:
    """Everything that readers are told, but for where it stands in the log."""
    cdp, stores = shop.project, shop.project.stores
    log = state.read_changes(stores.lake, stores.ledger).drop_columns(["offset"])
    steps = [s for name in ("active", "best", "mood") for s in cdp.history(name).steps]
    moving = [s for s in steps if s.entered or s.left]  # a run too many moves nobody
    return {
        "members": shop.members(),
        "folded": shop.folded(),
        "records": sorted(tuple(map(str, row.values())) for row in log.to_pylist()),
        "history": [(s.at, s.version, s.stage, s.cause, s.entered, s.left, s.size) for s in moving],
        "versions": [(v.version, v.note, v.author) for v in cdp.versions().versions],
        "listed": cdp.members("active", on="2024-02-20").message,
    }


@pytest.fixture(scope="module")
def before(waiting: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What readers see before the run."""
    shop = Shop.copied(waiting, tmp_path_factory.mktemp("before") / "copy")
    return seen(shop)


@pytest.fixture(scope="module")
def after(
    waiting: Path, killed: Killed, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What they see after a run that nobody disturbed."""
    shop = Shop.copied(waiting, tmp_path_factory.mktemp("after") / "copy")
    shop.project.close()
    assert killed(shop.folder, 0) == "whole"
    return seen(shop)


def check(
    shop: Shop, killed: Killed, site: int, before: dict[str, Any], after: dict[str, Any]
) -> bool:
    """Kill at one site, read, run again, read; whether there was such a site."""
    shop.project.close()
    at = killed(shop.folder, site)
    if at == "whole":
        return False
    assert not at.startswith("failed"), (site, at)
    found = seen(shop)
    committed = len(found["versions"]) == len(after["versions"])
    assert found == (after if committed else before), (site, at)
    shop.project.close()
    assert killed(shop.folder, 0) == "whole", (site, at)
    assert seen(shop) == after, (site, at)
    stores = shop.project.stores
    every = stores.lake.read("changes")
    assert every.num_rows == state.read_changes(stores.lake, stores.ledger).num_rows, (site, at)
    shop.project.close()
    return True


@pytest.fixture
def fresh(waiting: Path, tmp_path: Path) -> Callable[[int], Shop]:
    """A copy of the waiting shop for each site."""

    def copy(site: int) -> Shop:
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        return Shop.copied(waiting, tmp_path / "copy")

    return copy


def test_edit_and_late_events_change_what_readers_see(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    """The runs below have something to lose, and to do twice."""
    assert before["members"] == before["folded"] != after["members"] == after["folded"]
    assert {row[-1] for row in after["records"]} >= {"edit", "run"}
    assert after["versions"][-1] == (2, "wider", "Ada")


@pytest.mark.parametrize("part", range(PARTS))
def test_run_killed_at_a_write_is_as_if_it_never_began(
    fresh: Callable[[int], Shop], killed: Killed, before: Any, after: Any, part: int
) -> None:
    """Readers see the run before or the whole new one, and another run makes everything good."""
    site, n = 1 + EVERY * part, 0
    while check(fresh(site), killed, site, before, after):
        site, n = site + EVERY * PARTS, n + 1
    assert n > 4


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_run_killed_at_every_write_is_as_if_it_never_began(
    fresh: Callable[[int], Shop], killed: Killed, before: Any, after: Any, part: int
) -> None:
    """The same at each of about a hundred sites."""
    site = 1 + part
    while check(fresh(site), killed, site, before, after):
        site += PARTS
    assert site > 80


def test_killed_twice_is_good_at_the_third_run(
    fresh: Callable[[int], Shop], killed: Killed, before: Any, after: Any
) -> None:
    """What one dead run left does not help or hinder the next to die well."""
    for site in (30, 60, 85):
        shop = fresh(site)
        shop.project.close()
        assert killed(shop.folder, site) != "whole"
        assert killed(shop.folder, site + 3) != "whole"
        assert seen(shop) in (before, after)
        shop.project.close()
        assert killed(shop.folder, 0) == "whole"
        assert seen(shop)["members"] == after["members"]
        shop.project.close()
