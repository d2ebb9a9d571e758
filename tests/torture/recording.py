"""A server whose every step on the disk is recorded while it is sent events."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.server.served import Served, until
from tests.torture.disk import Disk, Loss, Moment, copied
from tests.torture.senders import Senders
from tests.torture.shop import kept
from tests.torture.trace import calls, command

_TAIL = 10_000


class Recording:
    """What a server did to its disk, and whom it told what."""

    def __init__(self, disk: Disk, senders: Senders) -> None:
        self.disk = disk
        self.senders = senders

    def cut(self, moment: Moment, loss: Loss, random: Random, target: Path) -> None:
        """Cut the power at a moment, and look at what is left of the project.

        Raises
        ------
        AssertionError
            Something that was acknowledged by then is lost, or there twice.
        """
        self.disk.after(moment.line, loss, random, target)
        found = kept(target)
        found.holds(*self.senders.told(moment.at), self.senders.sent)


def recorded(
    shop: Served, strace: str, work: Path, send: Callable[[Served], Senders], *more: str
) -> Recording:
    """Serve a shop while it is sent events, until all are acknowledged, and record its steps."""
    before = copied(shop.folder, work / "before")
    trace = work / "trace"
    shop.start(*command(strace, trace, *more))
    assert shop.process is not None
    pid = shop.process.pid
    senders = send(shop)
    shop.stop()
    written(trace, pid)
    return Recording(Disk(before, shop.folder, calls(trace)), senders)


def written(trace: Path, pid: int) -> None:
    """Wait until strace has written all that there is: the end of the process comes last."""
    last = re.compile(rb"\n%d +[\d.]+ \+\+\+ .* \+\+\+\n" % pid)
    until(lambda: last.search(_tail(trace)))


def _tail(trace: Path) -> bytes:
    with trace.open("rb") as file:
        file.seek(max(0, trace.stat().st_size - _TAIL))
        return file.read()
