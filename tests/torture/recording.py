"""A server whose every step on the disk is recorded while it is sent events."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.server.served import Served
from tests.torture.disk import Disk, Loss, Moment, copied
from tests.torture.senders import Senders
from tests.torture.shop import kept
from tests.torture.trace import calls, command


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
    senders = send(shop)
    shop.stop()
    written(trace)
    return Recording(Disk(before, shop.folder, calls(trace)), senders)


def written(trace: Path) -> None:
    """Wait until strace, whose process has ended, has written all that there is."""
    sizes = [-1, -2]
    while sizes[-1] != sizes[-2]:
        time.sleep(0.3)
        sizes.append(trace.stat().st_size)
