"""How the interpreter attends to a stream and to those beside it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SWITCH = 0.0001
"""Seconds that a thread of Python goes on while another waits; fifty times as many by default.

Whoever answers a look-up gives the interpreter up several times on the way, and waits for it so
long each time. Work that goes on beside it takes no longer by it, down to half of this.
"""

SELDOM = 1_000
"""How many collections of garbage of middling age come before one of all; ten by default."""


@contextmanager
def attentive() -> Iterator[None]:
    """Let threads of Python take turns more often, and nothing long-lived be looked through again.

    A step must not wait for work beside it, nor for the collector of garbage: going through the
    names of a hundred thousand people takes it a third of a second.
    """
    former, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(SWITCH)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*thresholds[:2], SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        sys.setswitchinterval(former)
