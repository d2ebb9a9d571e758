"""A process of its own that moves events to the lake: it is work for an interpreter of its own.

Moving takes as long for each event as acting on it does. In a thread it would double what a step
takes, as one thread of Python runs at a time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from coterie.errors import CoterieError, StoreError
from coterie.language.plan import TrackingPlan
from coterie.profiles.live.moving import move_events
from coterie.storage.lake import Lake
from coterie.storage.log import Log

_NICE = 10
"""How much less urgent moving is than acting on events, and loading what moves them."""


class Mover:
    """Has events moved to the lake by another process, which begins with the first and ends here.

    Parameters
    ----------
    log : Path
        The file of the log.
    lake : Path
        The folder of the lake.
    memory : str
        What a question to the lake may hold (:class:`coterie.storage.lake.Lake`).
    """

    def __init__(self, log: Path, lake: Path, memory: str) -> None:
        self._command = [sys.executable, "-m", __name__, str(log), str(lake), memory]
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, plan: TrackingPlan) -> None:
        """Move all that the log has, and wait for it; the caller holds the write lock.

        Raises
        ------
        StoreError
            It could not be moved: it stays in the log.
        """
        process = self._process = self._process or self._begun()
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):
            process.stdin.write(msgspec.json.encode(plan) + b"\n")
            process.stdin.flush()
        said = process.stdout.readline()
        if said != b"\n":
            self.close()
            raise StoreError(
                "events could not be moved to the lake; they stay in the log",
                got=said.decode().strip() or "the process that moves them ended",
            )

    def _begun(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - this module
        with suppress(ProcessLookupError):  # it steps back before it loads anything
            now = os.getpriority(os.PRIO_PROCESS, process.pid)
            os.setpriority(os.PRIO_PROCESS, process.pid, min(19, now + _NICE))
        return process

    def close(self) -> None:
        """End the process after what it does at the moment."""
        process, self._process = self._process, None
        if process is not None:
            with process, suppress(BrokenPipeError):
                process.communicate()


def serve(log: Path, lake: Path, memory: str, asked: BinaryIO, answers: BinaryIO) -> None:
    """Move events whenever a line with a tracking plan comes; an empty line says that it is done.

    Whoever asks may be gone: then there are no more lines.
    """
    with Log(log) as events:
        for line in asked:
            said = b""
            try:
                move_events(
                    events, Lake(lake, memory), msgspec.json.decode(line, type=TrackingPlan)
                )
            except CoterieError as error:
                said = repr(str(error)).encode()
            answers.write(said + b"\n")
            answers.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks ends it
    serve(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.stdin.buffer, sys.stdout.buffer)
