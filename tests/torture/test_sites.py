"""The server is killed at a call of the system, or the call fails, while senders never give up.

The calls are those that change the disk, of the whole server: inbox, log, ledger, lake, snapshots.
"""

from __future__ import annotations

import resource
import signal
import socket
import time
from collections import Counter
from collections.abc import Collection
from math import inf
from pathlib import Path
from random import Random

import pytest

from tests.conftest import SOAK
from tests.server.served import until
from tests.torture.disk import Disk, copied
from tests.torture.recording import written
from tests.torture.senders import Senders
from tests.torture.shop import Shop, kept
from tests.torture.trace import calls, command

CALLS = ("fdatasync", "write", "pwrite64", "fsync", "rename", "linkat", "unlink", "ftruncate")
FAILURES = {
    "fdatasync": ("EIO", "ENOSPC"), "fsync": ("EIO", "ENOSPC"), "write": ("ENOSPC", "EIO"),
    "pwrite64": ("ENOSPC", "EIO"), "rename": ("EIO", "ENOSPC"), "linkat": ("ENOSPC", "EIO"),
    "ftruncate": ("EIO",), "unlink": ("EIO",), "mkdir": ("ENOSPC",), "openat": ("EMFILE", "EIO"),
}  # fmt: skip
ENOUGH = 150
"""Messages acknowledged, after which a server that still runs is stopped."""

PARTS = 16
"""Shops that are tortured one after another: what each has is looked at after every round."""
PATIENCE = 10.0
DEADLY = {"fdatasync": 9, "write": 60, "pwrite64": 60, "fsync": 1, "linkat": 1}
"""Calls at which a server dies for certain, and which of one thread's it is: threads that keep
messages make the first three for as long as there are senders, and the lake the last two."""

CERTAIN = 120.0
"""Seconds after which something that is certain is given up."""


class Torture:
    """A shop and senders that never give up, through one server after another."""

    def __init__(self, shop: Shop, strace: str, work: Path, seed: int) -> None:
        self.shop = shop
        self.codes: list[int] = []
        self._strace = strace
        self._work = work
        self._n = self._pid = 0
        self._senders = Senders(shop, f"s{seed}", seed).start()

    def suffer(self, what: str, *, deadly: bool) -> None:
        """Serve for a while with something injected; nothing acknowledged may need a later sync.

        Where it is deadly, the while lasts until the server has died of it.
        """
        shop, work = self.shop, self._work / f"round{self._n}"
        self._n += 1
        work.mkdir()
        before, trace = copied(shop.folder, work / "before"), work / "trace"
        self._served(trace, what, deadly)
        at = time.time()
        written(trace, self._pid)
        disk = Disk(before, shop.folder, calls(trace))
        if disk.moments:
            disk.after(disk.end, "all", Random(0), work / "left")
            kept(work / "left").holds(*self._senders.told(at), self._senders.sent)

    def _served(self, trace: Path, what: str, deadly: bool) -> None:
        """Serve until the server ended; or until enough was acknowledged."""
        shop, stored = self.shop, self._senders.stored
        enough = inf if deadly else len(stored) + ENOUGH
        try:
            shop.start(*command(self._strace, trace, "-e", f"inject={what}"))
        except AssertionError:  # it did not come as far as to listen
            assert shop.process is not None
        assert shop.process is not None
        process = shop.process
        self._pid = process.pid
        end = time.monotonic() + (CERTAIN if deadly else PATIENCE)
        while process.poll() is None and len(stored) < enough and time.monotonic() < end:
            time.sleep(0.02)
        process.terminate()
        self.codes.append(shop.ended()[0])

    def end(self) -> None:
        """Serve once more, until all that was ever sent is acknowledged; then look at all of it."""
        self.shop.start()
        senders = self._senders
        senders.finish()
        assert self.shop.stop() == 0
        kept(self.shop.folder).holds(senders.stored, senders.refused, senders.sent)
        assert set(senders.stored) | set(senders.refused) == senders.sent

    def give_up(self) -> None:
        """Let no thread and no process be left, whatever happened."""
        self._senders.abandon()
        self.shop.stop()


def tortured(
    shop: Shop, strace: str, work: Path, seed: int, injected: list[str],
    deadly: Collection[str] = (),
) -> list[int]:  # fmt: skip
    """Inject one thing after another, and return the code with which each server ended.

    What is deadly is served until the server has died of it.
    """
    torture = Torture(shop, strace, work, seed)
    try:
        for what in injected:
            try:
                torture.suffer(what, deadly=what in deadly)
            except Exception as error:
                error.add_note(f"injected: {what}")
                raise
        torture.end()
    finally:
        torture.give_up()
    return torture.codes


def kills(n: int) -> list[str]:
    """Deaths at so many sites: each call's first, each call's second, and so on."""
    return [f"{CALLS[i % len(CALLS)]}:signal=KILL:when={1 + i // len(CALLS)}" for i in range(n)]


def failures(n: int) -> list[str]:
    """Failures at so many sites, some of one call alone, some of all that follow."""
    found = [(call, error) for call, errors in FAILURES.items() for error in errors]
    return [
        f"{call}:error={error}:when={1 + i // len(found) * 3}{'+' if i % 5 == 4 else ''}"
        for i in range(n)
        for call, error in [found[i % len(found)]]
    ]


def test_server_killed_at_a_site_loses_nothing(shop: Shop, strace: str, tmp_path: Path) -> None:
    """Killed before a write, a sync or a link; all is there once after the next start."""
    sites = [f"{call}:signal=KILL:when={n}" for call, n in DEADLY.items()]
    codes = tortured(shop, strace, tmp_path, 1, sites, deadly=sites)
    assert codes == [-signal.SIGKILL] * len(sites)


def test_nothing_is_acknowledged_that_the_disk_refused(
    shop: Shop, strace: str, tmp_path: Path
) -> None:
    """After a failed sync no answer rests on it; a full disk passes."""
    sync, full = "fdatasync:error=EIO:when=9", "write:error=ENOSPC:when=60..90"
    codes = tortured(
        shop, strace, tmp_path, 2, [sync, full, "pwrite64:error=EIO:when=60"], deadly=[sync]
    )
    assert codes[0] == 1


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_server_killed_at_each_site_loses_nothing(
    shop: Shop, strace: str, tmp_path: Path, part: int
) -> None:
    """The same at one site after another."""
    codes = tortured(shop, strace, tmp_path, 30 + part, kills(SOAK)[part::PARTS])
    assert set(codes) <= {0, -signal.SIGKILL}
    print(f"{codes.count(-signal.SIGKILL)} of {len(codes)} servers came as far as to die")


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_acknowledged_that_the_disk_refused_anywhere(
    shop: Shop, strace: str, tmp_path: Path, part: int
) -> None:
    """The same at one site after another."""
    codes = tortured(shop, strace, tmp_path, 40 + part, failures(SOAK)[part::PARTS])
    print(f"servers ended with {dict(Counter(codes))}")


def test_server_without_files_to_open_loses_nothing(shop: Shop) -> None:
    """While connections use up what the process may open, it goes on or ends; then all is taken."""
    shop.start()
    assert shop.process is not None
    pid = shop.process.pid
    _, most = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 20, most))
    senders = Senders(shop, "e", 5).start()
    try:
        until(lambda: len(senders.stored) > 50)
        crowd = [socket.socket() for _ in range(40)]
        for each in crowd:
            each.settimeout(5)
            each.connect_ex(("127.0.0.1", shop.port))
        time.sleep(1)
        for each in crowd:
            each.close()
        before = len(senders.stored)
        until(lambda: revived(shop) and len(senders.stored) > before + 100)
        senders.finish()
    finally:
        senders.abandon()
    assert shop.stop() == 0
    kept(shop.folder).holds(senders.stored, senders.refused, senders.sent)


def revived(shop: Shop) -> bool:
    """Whether the server runs; one that ended is started again."""
    assert shop.process is not None
    if shop.process.poll() is not None:
        shop.ended()
        shop.start()
    return True
