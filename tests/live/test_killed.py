"""A replay killed anywhere goes on to the same state and the same records, each of them once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from tests.conftest import ROOT, SOAK
from tests.live.shop import Live, bought, looked
from tests.live.test_edits import WIDER

KILLS = 12
"""Of a default run; `make soak N=1000` does a thousand."""

PARTS = 4

Killed = Callable[[Path, int, float], str]


@pytest.fixture(scope="module")
def waiting(stocked: Live, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose next replay meets late events, a merge, a grown order, an edit and a fit."""
    shop = Live.copied(stocked, tmp_path_factory.mktemp("waiting"))
    shop.send([looked(f"x{day}", None, day, anonymous_id="tablet") for day in (15, 16)])
    shop.replay(20.0)
    shop.send([bought("x1", "ann", 12, "9"), bought("x2", "gus", 3, "9")])
    shop.send([looked("x3", "bob", 21, anonymous_id="tablet"), bought("x4", "dee", 44, "3")])
    shop.send([msgspec.structs.replace(bought("x5", "dee", 30, "4"), supersedes="x4")])
    shop.define(WIDER)
    shop.project.close()
    return shop.folder


@pytest.fixture(scope="module")
def killed() -> Iterator[Killed]:
    """Replays a folder in a process that is killed; says where."""
    command = [sys.executable, "-m", "tests.live.killing"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"COTERIE_COMPILED": "0"},
    ) as parent:  # fmt: skip
        asked, told = parent.stdin, parent.stdout
        assert asked is not None
        assert told is not None

        def kill(folder: Path, site: int, delay: float) -> str:
            print(folder, site, delay, file=asked, flush=True)
            return told.readline().strip()

        yield kill


@pytest.fixture
def fresh(waiting: Path, tmp_path: Path) -> Callable[[], Path]:
    """A copy of the waiting shop."""

    def copy() -> Path:
        shutil.rmtree(tmp_path / "shop", ignore_errors=True)
        shutil.copytree(waiting, tmp_path / "shop")
        return tmp_path / "shop"

    return copy


def seen(folder: Path) -> dict[str, Any]:
    """Everything that was recorded and published."""
    shop = Live(folder.parent, made=True)
    try:
        return {
            "records": shop.records(),
            "members": shop.members(),
            "folded": shop.folded(),
            "versions": [v.version for v in shop.project.versions().versions],
        }
    finally:
        shop.project.close()


@pytest.fixture(scope="module")
def undisturbed(
    waiting: Path, killed: Killed, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, Any], int]:
    """The state and the records of a replay that nobody killed, and how many sites it passed."""
    folder = tmp_path_factory.mktemp("undisturbed") / "shop"
    shutil.copytree(waiting, folder)
    whole, state, sites = killed(folder, 0, 0).split()
    assert whole == "whole"
    found = seen(folder)
    assert found["members"] == found["folded"]
    assert {row[5] for row in found["records"]} >= {"event", "time", "late", "merge", "edit"}
    return state, found, int(sites)


def check(
    folder: Path, killed: Killed, undisturbed: tuple[str, dict[str, Any], int], seed: int
) -> None:
    """Kill once or more often, go on to the end, and compare."""
    state, wanted, sites = undisturbed
    random, places = Random(seed), []
    for _ in range(random.choice((1, 1, 2, 4))):
        if random.random() < 0.75:
            places.append(killed(folder, random.randint(1, sites), 0))
        else:
            places.append(killed(folder, 0, random.uniform(0.05, 2.0)))
        assert not places[-1].startswith("failed"), (seed, places)
    places.append(killed(folder, 0, 0))
    assert places[-1].startswith(f"whole {state}"), (seed, places)
    assert seen(folder) == wanted, (seed, places)


def test_replay_killed_anywhere_is_as_if_it_never_was(
    fresh: Callable[[], Path], killed: Killed, undisturbed: tuple[str, dict[str, Any], int]
) -> None:
    """The hash of the state and every record equal those of a replay without a kill."""
    for seed in range(KILLS):
        check(fresh(), killed, undisturbed, seed)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_replay_killed_many_times_is_as_if_it_never_was(
    fresh: Callable[[], Path],
    killed: Killed,
    undisturbed: tuple[str, dict[str, Any], int],
    part: int,
) -> None:
    """The same, as often as is wanted."""
    for seed in range(KILLS + part, KILLS + SOAK, PARTS):
        check(fresh(), killed, undisturbed, seed)
