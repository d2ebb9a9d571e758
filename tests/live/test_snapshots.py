"""A snapshot that cannot be trusted is set aside, and the state comes out of history."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from coterie.profiles.live.snapshots import KEEP, Snapshots
from coterie.storage.outbox import Mark
from tests.live.shop import Live

Damage = Callable[[Path], None]
MARK = Mark(offset=5, clock=9, horizon=None, definitions_hash="d", settled=5)
SIZES = {"people": 1}


def flip(path: Path) -> None:
    """One bit of the state."""
    content = bytearray(path.read_bytes())
    content[-7] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    """The end is missing."""
    path.write_bytes(path.read_bytes()[:-20])


def older(path: Path) -> None:
    """Another format than this version's."""
    path.write_bytes(path.read_bytes().replace(b'"format":1', b'"format":0', 1))


def hollow(path: Path) -> None:
    """Nothing at all."""
    path.write_bytes(b"")


def state(shop: Live) -> tuple[list[tuple[object, ...]], set[tuple[str, str, str]]]:
    return shop.records(), shop.members()


@pytest.mark.parametrize("damage", [flip, cut, older, hollow])
def test_damaged_snapshots_are_set_aside(shop: Live, damage: Damage) -> None:
    """Nobody is moved by it, and the stream goes on to the same end."""
    shop.replay(30.0)
    before = state(shop)
    folder = shop.folder / "data/snapshots"
    snapshots = sorted(folder.glob("*.snap"))
    for path in snapshots:
        damage(path)
    shop.replay(30.0)
    assert state(shop) == before
    assert sorted(path.stem for path in folder.glob("*.aside")) == [p.stem for p in snapshots]
    shop.replay(60.0)
    shop.verified()


def test_one_damaged_snapshot_leaves_the_one_before(shop: Live) -> None:
    """It is taken up there, and what was recorded since is not recorded again."""
    shop.replay(20.0)
    shop.replay(30.0)
    before = state(shop)
    *others, newest = sorted(
        (shop.folder / "data/snapshots").glob("*.snap"), key=lambda path: int(path.stem)
    )
    assert others
    flip(newest)
    shop.replay(30.0)
    assert state(shop) == before
    assert shop.verified().live


def test_snapshot_of_another_project_is_not_taken_up(tmp_path: Path) -> None:
    """Its offsets mean other events."""
    Snapshots(tmp_path, "another project's key").save(MARK, "meaning", SIZES, b"state")
    assert list(Snapshots(tmp_path, "mine").good(100)) == []
    assert [path.suffix for path in tmp_path.iterdir()] == [".aside"]


def test_snapshot_ahead_of_the_ledger_is_not_taken_up(tmp_path: Path) -> None:
    """A ledger from an older backup decides."""
    snapshots = Snapshots(tmp_path, "me")
    snapshots.save(MARK, "meaning", SIZES, b"state")
    assert [state for _, state in snapshots.good(upto=5)] == [b"state"]
    assert list(snapshots.good(upto=4)) == []


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    """The newest, and one to fall back on."""
    snapshots = Snapshots(tmp_path, "me")
    for offset in (9, 10, 11, 100):
        mark = Mark(offset=offset, clock=1, horizon=None, definitions_hash="d", settled=5)
        snapshots.save(mark, "meaning", SIZES, b"state")
    assert [header.offset for header, _ in snapshots.good(1000)] == [100, 11][:KEEP]
    newest = snapshots.newest()
    assert newest is not None
    assert (newest.offset, newest.sizes) == (100, SIZES)


def test_lost_snapshots_cost_time_only(shop: Live) -> None:
    """Without any the stream begins out of history where it stood, and records nothing."""
    shop.replay(30.0)
    before = state(shop)
    shutil.rmtree(shop.folder / "data/snapshots")
    shop.replay(30.0)
    assert state(shop) == before
    shop.replay(60.0)
    shop.verified()


def test_memberships_that_history_does_not_explain_are_made_good(shop: Live) -> None:
    """Where the records add up to something else, the difference is one of the cause `start`."""
    shop.replay(30.0)
    shutil.rmtree(shop.folder / "data/snapshots")
    lake = shop.project.stores.lake
    log = lake.read("transitions")
    lake.write("transitions", log.slice(0, log.num_rows - 1), mode="overwrite")
    assert shop.folded() != shop.members()
    shop.replay(30.0)
    assert shop.folded() == shop.members()
    assert [row[5] for row in shop.records()].count("start") == 1
    shop.verified()
