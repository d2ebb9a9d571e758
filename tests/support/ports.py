"""Ports to serve at, in tests that run beside others."""

from __future__ import annotations

import socket
from itertools import count
from random import SystemRandom

FIRST, END = 20_000, 32_000
"""Under the range that systems take the clients' ends of connections from: whoever keeps trying a
port in there, at which nobody listens yet, is given it as an end in time, and speaks to itself."""

_NEXT = count(SystemRandom().randrange(END - FIRST))


def free_port() -> int:
    """A port that nobody listens at; each is given once, and other processes begin elsewhere."""
    for n in _NEXT:
        port = FIRST + n % (END - FIRST)
        with socket.socket() as found:
            try:
                found.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("there is always another")
