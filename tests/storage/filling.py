"""Fills and drains the inbox of a folder, and says what it may promise: run under strace."""

from __future__ import annotations

import sys
from pathlib import Path

from coterie.errors import StoreError
from coterie.server.commits import passes
from coterie.storage.inbox import Inbox, Waiting
from tests.storage.inboxes import KEY, row

N = 12
"""Requests that are tried."""

SEGMENT_BYTES = 400
"""Of three frames."""


def say(what: str, n: int = 0) -> None:
    """A line, at once."""
    sys.stdout.write(f"{what} {n}\n")
    sys.stdout.flush()


def main(folder: Path) -> None:
    """Append one request after the other, as the collector does, and drain every fourth time."""
    inbox, waiting = Inbox(folder, KEY, segment_bytes=SEGMENT_BYTES), Waiting(folder, KEY)
    say("opened")
    drained = 0
    for n in range(1, N + 1):
        try:
            say("kept", inbox.append([row(n)]))
            if n % 4 == 0:
                drained = waiting.read(drained)[-1].number
                say("drained", drained)
                if n % 8 == 0:
                    waiting.part()
                waiting.forget(drained)
        except (OSError, StoreError) as error:
            if not passes(error):
                raise
            say("full")
    inbox.close()
    say("closed")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except (OSError, StoreError) as failure:
        say("broken")
        raise SystemExit(str(failure)) from None
