"""The inbox where the system fails at each of its calls, or the process ends there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from coterie.storage.inbox import Inbox, Waiting
from tests.conftest import ROOT, missing
from tests.storage import filling
from tests.storage.inboxes import KEY, row

pytestmark = pytest.mark.xdist_group("inbox faults")

ENDS = [
    ("write", "EIO", 2), ("write", "EIO", 5),
    ("fdatasync", "EIO", 1), ("fdatasync", "EIO", 3), ("fdatasync", "EIO", 6),
    ("fdatasync", "ENOSPC", 4), ("rename", "EIO", 1), ("openat", "EIO", 3),
]  # fmt: skip
"""Call, error, and which of them fails: nothing is promised from there on."""

PASSES = [
    ("write", "ENOSPC", "1"), ("write", "ENOSPC", "2..4"), ("write", "EDQUOT", "5..9"),
    ("rename", "ENOSPC", "1"), ("rename", "ENOSPC", "3"), ("openat", "EMFILE", "4..5"),
    ("openat", "ENOSPC", "6..9"), ("flock", "ENOMEM", "3"),
]  # fmt: skip
"""No room for a while."""

KILLS = [("write", 1), ("write", 4), ("fdatasync", 2), ("fdatasync", 5), ("fdatasync", 9),
         ("rename", 1), ("rename", 2), ("pwrite64", 1), ("unlink", 1), ("openat", 8)]  # fmt: skip
"""The call at which the process ends, before it is made."""


class Filled(NamedTuple):
    """What a process that filled an inbox said: what happened, each with a number."""

    code: int
    said: list[tuple[str, int]]

    def numbers(self, what: str) -> list[int]:
        """The numbers that were said with a word."""
        return [n for word, n in self.said if word == what]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "inbox"


def filled(folder: Path, *faults: str) -> Filled:
    """Fill an inbox in a process of its own, with faults at calls to the inbox's files."""
    strace = shutil.which("strace")
    if strace is None:
        missing("no strace: `sudo apt-get install strace`")
    files = [folder, folder / "new"]
    files += [folder / f"{first:020d}.segment" for first in range(1, filling.N + 2)]
    paths = [word for file in files for word in ("-P", str(file))]
    calls = ",".join(fault.partition(":")[0] for fault in faults)
    injected = [word for fault in faults for word in ("-e", f"inject={fault}")]
    command = [
        strace, "-D", "-f", "-qq", "-o", str(folder.parent / "strace.out"), *paths,
        "-e", f"trace={calls}", *injected,
        sys.executable, "-m", "tests.storage.filling", str(folder),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180)
    said = [line.split() for line in done.stdout.splitlines()]
    return Filled(done.returncode, [(word, int(n)) for word, n in said])


def kept(folder: Path, found: Filled) -> None:
    """All that was acknowledged and not drained is there, and another writer goes on behind it."""
    drained = max(found.numbers("drained"), default=0)
    promised = [n for n in found.numbers("kept") if n > drained]
    inbox, waiting = Inbox(folder, KEY, after=drained), Waiting(folder, KEY)
    here = [request.number for request in waiting.read(drained)]
    assert set(promised) <= set(here)
    assert here == list(range(drained + 1, drained + 1 + len(here)))
    number = inbox.append([row(99)])
    assert number == drained + len(here) + 1
    assert waiting.read(number - 1)[0][1:] == row(99)
    inbox.close()
    waiting.close()


@pytest.mark.parametrize(("call", "error", "when"), ENDS)
def test_nothing_is_promised_after_the_disk_failed(
    folder: Path, call: str, error: str, when: int
) -> None:
    """Not once, although the calls after it succeed; what was promised before is there."""
    found = filled(folder, f"{call}:error={error}:when={when}")
    assert found.code == 1
    assert found.said[-1] == ("broken", 0)
    kept(folder, found)


def test_half_a_frame_that_cannot_be_taken_back_ends_the_writer(folder: Path) -> None:
    """What would follow it could not be read."""
    found = filled(folder, "write:error=ENOSPC:when=3", "ftruncate:error=EIO:when=1")
    assert found.code == 1
    assert found.numbers("kept") == [1]
    kept(folder, found)


@pytest.mark.parametrize(("call", "error", "when"), PASSES)
def test_no_room_passes(folder: Path, call: str, error: str, when: str) -> None:
    """Requests are refused while it lasts, and taken as soon as there is room again."""
    found = filled(folder, f"{call}:error={error}:when={when}")
    assert found.code == 0, found
    assert "full" in dict(found.said)
    assert found.said[-1] == ("closed", 0)
    numbers = found.numbers("kept")
    assert numbers == list(range(1, len(numbers) + 1))
    kept(folder, found)


@pytest.mark.parametrize(("call", "when"), KILLS)
def test_killed_at_any_call_keeps_what_was_promised(folder: Path, call: str, when: int) -> None:
    """And drains nothing twice, whatever was half made or half forgotten."""
    found = filled(folder, f"{call}:signal=KILL:when={when}")
    assert found.code == -9, found
    assert "closed" not in dict(found.said)
    kept(folder, found)
