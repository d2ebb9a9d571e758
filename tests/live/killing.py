"""Replays in processes that are killed; started by `test_killed`, in plain Python without Numba.

Reads lines ``FOLDER SITE DELAY`` and answers each with how the replay ended: the site at which it
was killed, ``late`` where that was after so many seconds, or ``whole``, a hash of its state, and
how many sites it passed. A site is a place where the disk is about to change or has just changed,
as in :mod:`tests.history.killing`; 0 is none of them.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from coterie.profiles.live.replay import Manner
from coterie.profiles.live.start import Start
from coterie.project import Project
from coterie.project.streaming import opening, stream  # noqa: F401 - that the killed have them
from coterie.project.streaming.standing import snapshots
from tests.history.killing import Sites

UNTIL = datetime(2024, 2, 15, tzinfo=UTC)
NEVER = 2**31
NOW = datetime(2024, 3, 31, tzinfo=UTC)


def replay(folder: Path) -> str:
    """What the tests have killed; the hash of the state that it ends with."""
    with Project(folder, clock=lambda: NOW) as project:
        project.stream.replay(UNTIL, manner=Manner(batch=9, keep=0.0))
        host = Start(project.stores, project.questions, snapshots(project)).resumed()
        assert host is not None
        host.warm()
        host.engine.offset = 0  # another process, or one more, writes another number of ticks
        return host.engine.digest()


def killed(folder: Path, site: int, delay: float) -> str:
    """Replay in a child of this process, which is gone at the site or after some seconds."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            sites = Sites(site or NEVER, write)
            sites.install()
            os.write(write, f"whole {replay(folder)} {NEVER - sites.left}".encode())
        except BaseException as error:  # noqa: BLE001 - the parent is told, whatever it is
            os.write(write, f"failed: {error!r}".encode())
        finally:
            os._exit(0)
    os.close(write)
    ended = bool(select.select([read], [], [], delay or None)[0])
    if not ended:
        os.kill(child, signal.SIGKILL)
    with os.fdopen(read) as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    return said or ("late" if not ended else f"failed: it died of {status} by itself")


if __name__ == "__main__":
    for line in sys.stdin:
        folder, site, delay = line.strip().rsplit(" ", 2)
        print(killed(Path(folder), int(site), float(delay)), flush=True)
