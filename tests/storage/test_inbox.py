"""The inbox: what was appended is read, torn ends are not there, and damage is named."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from coterie.errors import StoreError
from coterie.storage.inbox import Inbox, Request, Waiting
from coterie.storage.inbox import folder as folders
from coterie.storage.inbox.frames import HEAD_BYTES
from coterie.storage.inbox.segments import HEAD_BYTES as START
from tests.storage.inboxes import KEY, row, rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "inbox"


@pytest.fixture
def inbox(folder: Path) -> Iterator[Inbox]:
    found = Inbox(folder, KEY)
    yield found
    found.close()


@pytest.fixture
def waiting(folder: Path) -> Iterator[Waiting]:
    found = Waiting(folder, KEY)
    yield found
    found.close()


def numbers(requests: list[Request]) -> list[int]:
    return [request.number for request in requests]


def segments(folder: Path) -> list[int]:
    return folders.present(folder)


# --- in and out --------------------------------------------------------------------------------


def test_nothing_waits_where_there_is_no_inbox(waiting: Waiting) -> None:
    """A project that never collected has no folder, and asking makes none."""
    assert (waiting.end(), waiting.read(0)) == (0, [])
    waiting.forget(5)
    assert waiting.part() == 0


def test_requests_come_out_as_they_went_in(inbox: Inbox, waiting: Waiting) -> None:
    """In order, numbered from 1, with every byte of them."""
    assert inbox.append([row(1), row(2)]) == 2
    assert inbox.append([("app", "batch", 5, b"\0\xff")]) == 3
    assert inbox.append([]) == 3
    assert waiting.end() == 3
    assert waiting.read(0) == [
        Request(1, *row(1)), Request(2, *row(2)), Request(3, "app", "batch", 5, b"\0\xff"),
    ]  # fmt: skip
    assert numbers(waiting.read(1)) == [2, 3]
    assert waiting.read(3) == []


def test_reader_follows_a_writer(inbox: Inbox, waiting: Waiting) -> None:
    """What is appended later is read later, by the same reader and by another."""
    for n in range(1, 6):
        inbox.append([row(n)])
        assert waiting.end() == n
        assert numbers(waiting.read(n - 1)) == [n]
    assert numbers(waiting.read(0)) == [1, 2, 3, 4, 5]


def test_reading_ends_at_about_so_many_bytes(inbox: Inbox, waiting: Waiting) -> None:
    """At least one commit, however large; the rest is read behind it."""
    for n in range(5):
        inbox.append([row(n, 1_000)])
    assert numbers(waiting.read(0, 1)) == [1]
    assert numbers(waiting.read(1, 1_500)) == [2, 3]
    assert numbers(waiting.read(3, 10**9)) == [4, 5]


def test_segments_follow_one_another(folder: Path, waiting: Waiting) -> None:
    """A segment that is full is left, and a reader goes through all of them."""
    inbox = Inbox(folder, KEY, segment_bytes=5_000)
    for n in range(1, 41):
        assert inbox.append([row(n, 1_000)]) == n
    assert len(segments(folder)) == 8
    assert inbox.size == sum(path.stat().st_size for path in folder.iterdir())
    assert numbers(waiting.read(0)) == list(range(1, 41))
    assert waiting.end() == 40
    inbox.close()


def test_bytes_on_disk_are_sealed(inbox: Inbox, folder: Path) -> None:
    """Nobody without the project's key reads a body or a source, nor writes one."""
    inbox.append([("the-source", "track", 1, b'{"email": "ann@lee.org"}' * 40)])
    (path,) = folder.iterdir()
    held = path.read_bytes()
    assert b"ann@lee.org" not in held
    assert b"the-source" not in held
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(StoreError, match="another project's key"):
        Waiting(folder, bytes(32)).read(0)


# --- numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("parted", [False, True])
def test_number_is_never_used_twice(folder: Path, waiting: Waiting, parted: bool) -> None:
    """Not by another writer, and not after everything was drained and forgotten."""
    last = 0
    for _ in range(4):
        inbox = Inbox(folder, KEY)
        assert inbox.append([row(1), row(2)]) == last + 2
        if parted:
            assert waiting.part() == last + 2
        inbox.close()
        waiting.forget(last + 2)
        assert waiting.end() == last + 2
        assert waiting.read(last + 2) == []
        last += 2
    assert segments(folder) == [9]


def test_numbers_go_on_behind_what_was_drained(folder: Path, waiting: Waiting) -> None:
    """Also where the disk lost requests that were drained before they were on it."""
    Inbox(folder, KEY).append([row(1)])
    inbox = Inbox(folder, KEY, after=7)
    assert waiting.read(7) == []
    assert inbox.append([row(8)]) == 8
    assert numbers(waiting.read(7)) == [8]
    inbox.close()


# --- forgetting --------------------------------------------------------------------------------


def test_drained_segments_are_forgotten(folder: Path, waiting: Waiting) -> None:
    """Those of which every request was drained, and no other; the one in use stays."""
    inbox = Inbox(folder, KEY, segment_bytes=5_000)
    for n in range(1, 14):
        inbox.append([row(n, 1_000)])
    assert segments(folder) == [1, 6, 11]
    waiting.forget(9)
    assert segments(folder) == [6, 11]
    waiting.forget(10)
    assert segments(folder) == [11]
    waiting.forget(13)
    assert segments(folder) == [11]
    assert numbers(waiting.read(10)) == [11, 12, 13]
    inbox.close()


def test_segment_in_use_is_forgotten_where_it_must_be(inbox: Inbox, folder: Path) -> None:
    """What comes later is kept apart from it, whoever looks on; what was not drained stays."""
    mine, others = Waiting(folder, KEY), Waiting(folder, KEY)
    inbox.append([row(1), row(2)])
    assert numbers(others.read(0)) == [1, 2]
    assert [mine.part(), mine.part()] == [2, 2]
    assert inbox.append([row(3)]) == 3
    mine.forget(1)
    assert segments(folder) == [1, 3]
    mine.forget(2)
    assert segments(folder) == [3]
    assert [others.end(), mine.end()] == [3, 3]
    assert [numbers(each.read(2)) for each in (mine, others)] == [[3], [3]]
    assert [others.part(), mine.part()] == [3, 3]
    mine.forget(3)
    assert segments(folder) == [4]
    assert mine.part() == others.end() == 3
    assert inbox.append([row(4)]) == 4
    for each in (mine, others):
        assert numbers(each.read(3)) == [4]
        each.close()


def test_forgotten_segment_cannot_be_opened(inbox: Inbox, folder: Path, tmp_path: Path) -> None:
    """Its key is overwritten before its name goes."""
    inbox.append([row(1)])
    (path,) = folder.iterdir()
    kept = tmp_path / "block"
    os.link(path, kept)
    waiting = Waiting(folder, KEY)
    waiting.forget(waiting.part())
    assert kept.read_bytes()[:START] == bytes(START)


def test_missing_requests_are_noticed(folder: Path) -> None:
    """A segment that somebody deleted, before or between others."""
    inbox = Inbox(folder, KEY, segment_bytes=100)
    for n in range(1, 5):
        inbox.append([row(n)])
    inbox.close()
    folders.path_of(folder, 3).unlink()
    with pytest.raises(StoreError, match="missing"):
        Waiting(folder, KEY).read(0)
    with pytest.raises(StoreError, match="missing"):
        Waiting(folder, KEY).read(2)
    assert numbers(Waiting(folder, KEY).read(3)) == [4]


# --- torn and damaged --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A segment of three frames that nobody closed."""
    folder = tmp_path_factory.mktemp("three") / "inbox"
    inbox = Inbox(folder, KEY)
    for n in range(1, 4):
        inbox.append([row(n)])
    return folder


def copied(three: Path, to: Path, held: bytes | None = None) -> Path:
    """The same inbox elsewhere, with other bytes."""
    (path,) = three.iterdir()
    to.mkdir()
    (to / path.name).write_bytes(path.read_bytes() if held is None else held)
    return to


def test_end_torn_at_any_byte_is_not_there(three: Path, tmp_path: Path) -> None:
    """Whole frames before it are read, and a writer goes on behind them."""
    (path,) = three.iterdir()
    held = path.read_bytes()
    ends = [START + (len(held) - START) * n // 3 for n in range(4)]
    for cut in range(START, len(held)):
        here = copied(three, tmp_path / str(cut), held[:cut])
        whole = sum(end <= cut for end in ends) - 1
        waiting = Waiting(here, KEY)
        assert waiting.end() == whole, cut
        assert numbers(waiting.read(0)) == list(range(1, whole + 1))
        inbox = Inbox(here, KEY)
        assert inbox.append([row(9)]) == whole + 1
        inbox.close()
        assert numbers(waiting.read(0)) == list(range(1, whole + 2))
        waiting.close()


@pytest.mark.parametrize("fill", [b"\0", b"\xaa"], ids=["zeros", "garbage"])
def test_end_that_was_not_written_is_not_there(three: Path, tmp_path: Path, fill: bytes) -> None:
    """A last frame of the right length whose blocks never reached the disk."""
    (path,) = three.iterdir()
    held = path.read_bytes()
    n = (len(held) - START) // 3
    for lost in range(1, n + 1):
        here = copied(three, tmp_path / str(lost), held[:-lost] + fill * lost)
        assert numbers(Waiting(here, KEY).read(0)) == [1, 2]
        inbox = Inbox(here, KEY)
        assert inbox.append([row(3)]) == 3
        inbox.close()


def test_flip_at_any_byte_is_named(three: Path, tmp_path: Path) -> None:
    """In any frame but one that may be torn; the segment and the offset are said."""
    (path,) = three.iterdir()
    held = path.read_bytes()
    n = (len(held) - START) // 3
    for at in range(len(held) - n):
        bad = bytearray(held)
        bad[at] ^= 1 << at % 8
        waiting = Waiting(copied(three, tmp_path / str(at), bytes(bad)), KEY)
        with pytest.raises(StoreError, match=r"damaged|another project's key") as found:
            waiting.read(0)
        offset = 0 if at < START else START + (at - START) // n * n
        assert found.value.where == f"inbox/{path.name}, offset {offset}"
        waiting.close()


def test_flip_in_the_last_frame_is_named_once_it_was_closed(three: Path, tmp_path: Path) -> None:
    """Then nothing may be torn."""
    here = copied(three, tmp_path / "closed")
    Inbox(here, KEY).append([row(4)])
    path = folders.path_of(here, 1)
    held = bytearray(path.read_bytes())
    held[-HEAD_BYTES - 1] ^= 1
    path.write_bytes(held)
    with pytest.raises(StoreError, match="damaged"):
        Waiting(here, KEY).read(0)
    held[-HEAD_BYTES - 1] ^= 1
    path.write_bytes(held[:-HEAD_BYTES])
    with pytest.raises(StoreError, match="damaged"):
        Waiting(here, KEY).read(0)


def test_flip_in_a_frame_that_was_whole_is_named(three: Path, tmp_path: Path) -> None:
    """Whoever saw it whole does not take it for torn, nor wait for its rest."""
    here = copied(three, tmp_path / "seen")
    path, waiting = folders.path_of(here, 1), Waiting(here, KEY)
    assert waiting.end() == 3
    held = bytearray(path.read_bytes())
    held[-1] ^= 1
    path.write_bytes(held)
    for after in (0, 2):
        with pytest.raises(StoreError, match="damaged"):
            waiting.read(after)


def test_damaged_inbox_is_not_written_to(three: Path, tmp_path: Path) -> None:
    """A writer says so at its start, and leaves every byte as it is."""
    (path,) = three.iterdir()
    held = bytearray(path.read_bytes())
    held[START] ^= 1
    here = copied(three, tmp_path / "bad", bytes(held))
    with pytest.raises(StoreError, match="damaged"):
        Inbox(here, KEY)
    assert (here / path.name).read_bytes() == held


# --- failures ----------------------------------------------------------------------------------


def test_full_disk_passes(inbox: Inbox, waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a frame is taken back, and the next one is as good as ever."""
    inbox.append([row(1)])
    write = os.write

    def full(file: int, said: bytes) -> int:
        if len(said) < 60:
            raise OSError(errno.ENOSPC, "no room")
        return write(file, said[:50])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        for _ in range(2):
            with pytest.raises(OSError, match="no room"):
                inbox.append([row(2)])
    assert waiting.end() == 1
    assert inbox.append([row(2)]) == 2
    assert numbers(waiting.read(0)) == [1, 2]


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_nothing_is_promised_after_a_failed_sync(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Asking once more would be told that all is well; so nobody asks."""
    inbox.append([row(1)])

    def fails(file: int) -> None:
        raise OSError(code, "failed")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", fails)
        with pytest.raises(StoreError, match="the store failed"):
            inbox.append([row(2)])
    with pytest.raises(StoreError, match="the store failed"):
        inbox.append([row(3)])


# --- any history -------------------------------------------------------------------------------


def died(inbox: Inbox) -> None:
    """Let a writer's files go, as the end of its process does: nothing is said in them."""
    inbox._broken = True
    inbox.close()


class Life(RuleBasedStateMachine):
    """Whatever is appended, torn, lost, drained and forgotten, and whoever starts again."""

    def __init__(self) -> None:
        super().__init__()
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = Path(self.scratch.name) / "inbox"
        self.sent: dict[int, bytes] = {}
        self.drained: dict[int, bytes] = {}
        self.waiting = Waiting(self.folder, KEY)
        self.inbox = self.opened()

    def opened(self) -> Inbox:
        return Inbox(self.folder, KEY, after=self.done, segment_bytes=700)

    @property
    def done(self) -> int:
        return max(self.drained, default=0)

    @property
    def last(self) -> Path | None:
        present = segments(self.folder)
        return folders.path_of(self.folder, present[-1]) if present else None

    @rule(n=st.integers(1, 4))
    def append(self, n: int) -> None:
        new = rows(len(self.sent), n)
        last = self.inbox.append(new)
        assert last == max(self.sent, default=0) + n
        self.sent |= {last - n + 1 + i: each[3] for i, each in enumerate(new)}

    @rule(clean=st.booleans())
    def restart(self, clean: bool) -> None:
        if clean:
            self.inbox.close()
        else:
            died(self.inbox)
        self.inbox = self.opened()

    @rule(n=st.integers(1, 200))
    def tear(self, n: int) -> None:
        """A frame was being written when the process ended."""
        if self.last is not None:
            with self.last.open("ab") as file:
                file.write(b"\xf7cof" * n)
        died(self.inbox)
        self.inbox = self.opened()

    @rule(n=st.integers(1, 300))
    def lose(self, n: int) -> None:
        """Frames that were drained before they were on disk, when the power went."""
        self.drain(10**9)
        if self.last is not None:
            size = self.last.stat().st_size
            os.truncate(self.last, max(START, size - n))
        self.waiting.close()
        died(self.inbox)
        self.waiting, self.inbox = Waiting(self.folder, KEY), self.opened()

    @rule(most=st.integers(1, 3_000))
    def drain(self, most: int) -> None:
        for each in self.waiting.read(self.done, most):
            assert each.number not in self.drained
            self.drained[each.number] = each.body

    @rule()
    def part(self) -> None:
        self.waiting.part()

    @rule()
    def forget(self) -> None:
        self.waiting.forget(self.done)

    @invariant()
    def nothing_is_lost(self) -> None:
        last = max(self.sent, default=0)
        assert max(self.waiting.end(), self.done) == last
        other = Waiting(self.folder, KEY)
        left = {each.number: each.body for each in other.read(self.done, 10**9)}
        assert self.drained | left == self.sent
        other.close()

    def teardown(self) -> None:
        self.waiting.close()
        self.inbox.close()
        self.scratch.cleanup()


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=25)
