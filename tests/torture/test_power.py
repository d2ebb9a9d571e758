"""The power is cut at any moment: nothing that was acknowledged is lost, nothing is there twice.

A server is recorded while it is sent events. Then the disk is put together as it may be after a
cut at some moment (:mod:`tests.torture.disk`), and the project on it is opened.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest

from tests.conftest import SOAK
from tests.server.served import Served
from tests.torture.disk import LOSSES
from tests.torture.recording import Recording, recorded
from tests.torture.senders import Senders
from tests.torture.shop import kept, opened

ROUNDS = 12
"""Of a default run; `make soak N=1000` cuts the power a thousand times."""

EACH = 50
"""Cuts of one recording."""

N_MESSAGES = 60


def sent(shop: Served, seed: int) -> Senders:
    """Everything that some senders have, acknowledged."""
    senders = Senders(shop, f"p{seed}", seed, most=N_MESSAGES).start()
    senders.join()
    return senders


def recording(strace: str, work: Path, seed: int) -> Recording:
    """A new shop, served once and recorded."""
    work.mkdir()
    return recorded(opened(work), strace, work, lambda shop: sent(shop, seed))


def cut(strace: str, work: Path, rounds: int, seed: int) -> None:
    """Cut the power so often, and look each time."""
    random = Random(seed)
    for start in range(0, rounds, EACH):
        shop = recording(strace, work / f"r{start}", seed + start)
        for n in range(start, min(start + EACH, rounds)):
            moment = random.choice(shop.disk.moments)
            left = work / f"cut{n}"
            try:
                shop.cut(moment, LOSSES[n % len(LOSSES)], random, left)
            except Exception as error:
                error.add_note(f"cut {n} at line {moment.line} of {work / f'r{start}' / 'trace'}")
                raise
            shutil.rmtree(left)
        shutil.rmtree(work / f"r{start}")


def test_power_cut_loses_nothing_that_was_acknowledged(strace: str, tmp_path: Path) -> None:
    """Whatever part of what was not synced is missing, torn, or out of order."""
    cut(strace, tmp_path, ROUNDS, 1)


@pytest.mark.soak
def test_many_power_cuts_lose_nothing_that_was_acknowledged(strace: str, tmp_path: Path) -> None:
    """The same, as often as is wanted."""
    cut(strace, tmp_path, SOAK, 1_000)


def test_recorded_disk_is_the_true_one(strace: str, tmp_path: Path) -> None:
    """With nothing lost at the end, the disk that is put together is the one that is there."""
    found = recording(strace, tmp_path / "r", 5)
    last = found.disk.moments[-1]
    found.disk.after(last.line + 1, "none", Random(0), tmp_path / "again")
    assert content(tmp_path / "again") == content(tmp_path / "r" / "shop")
    stored, refused = found.senders.told(last.at)
    kept(tmp_path / "again").holds(stored, refused, found.senders.sent)


def test_harness_finds_what_was_never_synced(strace: str, tmp_path: Path) -> None:
    """If the disk forgot what it was told to keep, the cuts would tell."""
    found = recording(strace, tmp_path / "r", 6)
    last = found.disk.moments[-1]
    found.disk.forget_syncs()
    with pytest.raises(AssertionError, match="acknowledged and lost"):
        found.cut(last, "all", Random(0), tmp_path / "left")


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, without what SQLite shares between processes only."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith("-shm")
    }
