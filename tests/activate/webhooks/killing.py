"""A deliverer in a process of its own, which `test_killed` kills.

Reads ``FOLDER NOW SITE``: at SITE ``sent`` it dies after an attempt's answer and before that is
kept, at ``asked`` before anything is sent, at ``enqueued`` right after a commit. With ``outside``
it goes on until somebody kills it.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from coterie.activate.webhooks import deliverer
from tests.activate.webhooks.outside import Outside


def die(*said: object) -> None:
    """End as a power cut does."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(folder: str, now: str, site: str) -> None:
    """Deliver what is due, and die on the way."""
    outside = Outside(Path(folder))
    outside.set(int(now))
    if site == "sent":
        outside.deliveries.settle = die  # type: ignore[method-assign,assignment]
    elif site == "enqueued":
        real = outside.deliveries.enqueue

        def enqueued(*said: object) -> bool:
            real(*said)  # type: ignore[arg-type]
            die()
            return True

        outside.deliveries.enqueue = enqueued  # type: ignore[method-assign,assignment]
    elif site == "asked":
        vars(deliverer)["post"] = die
    print("ready", flush=True)
    if site == "outside":
        outside.deliverer.run(lambda: False)
    outside.deliver()


if __name__ == "__main__":
    main(*sys.argv[1:])
