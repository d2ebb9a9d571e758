"""Generated requests, sent as fast as they are answered, many at once over one connection."""

from __future__ import annotations

import socket
import time
from collections import Counter
from typing import NamedTuple

from tests.torture.bodies import Bodies

AT_ONCE = 16
GOOD_EACH = 100
"""Of how many requests one is a message that must be stored."""

PATIENCE = 30.0
_TRIES = 5


class Hammered(NamedTuple):
    """What a collector answered.

    Parameters
    ----------
    statuses : Counter
        How often each status was answered.
    good : list of str
        The ids of messages that must be stored; all of them were answered 200.
    wrong : list of bytes
        Requests that were answered 5xx, and their answers.
    slowest : float
        Seconds that any sixteen requests took together.
    """

    statuses: Counter[int]
    good: list[str]
    wrong: list[bytes]
    slowest: float


def hammer(port: int, key: str, seed: int, n: int) -> Hammered:
    """Send so many requests, and wait for the answer to each.

    Raises
    ------
    AssertionError
        A request gets no answer, or a good message is not taken.
    """
    bodies = Bodies(key, seed)
    found = Hammered(Counter(), [], [], 0.0)
    line = _Line(port)
    slowest = 0.0
    for start in range(0, n, AT_ONCE):
        group = [bodies.request() for _ in range(min(AT_ONCE, n - start))]
        good = ""
        if start // AT_ONCE % (GOOD_EACH // AT_ONCE) == 0:
            good, group[0] = bodies.good()
        began = time.monotonic()
        statuses = line.answers(group)
        slowest = max(slowest, time.monotonic() - began)
        found.statuses.update(statuses)
        found.wrong.extend(
            each[:2_000] for each, status in zip(group, statuses, strict=True) if status >= 500
        )
        if good:
            assert statuses[0] == 200, statuses[0]
            found.good.append(good)
    line.close()
    return found._replace(slowest=slowest)


class _Line:
    """A connection that is opened anew whenever the server closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._read = b""

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._read = b""

    def answers(self, group: list[bytes]) -> list[int]:
        """The status of each request; those after one that ended the connection are sent again."""
        statuses: list[int] = []
        idle = 0
        while len(statuses) < len(group):
            rest = group[len(statuses) :]
            got = self._sent(rest if not idle else rest[:1])
            statuses += got
            idle = 0 if got else idle + 1
            assert idle < _TRIES, f"no answer: {rest[0][:500]!r}"
        return statuses

    def _sent(self, group: list[bytes]) -> list[int]:
        """The answers until the server hangs up."""
        statuses: list[int] = []
        try:
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self._port), PATIENCE)
            self._socket.sendall(b"".join(group))
            for _ in group:
                statuses.append(self._answer(self._socket))  # noqa: PERF401 - kept if one fails
        except TimeoutError:
            raise AssertionError(
                f"no answer in {PATIENCE} s: {group[len(statuses)][:500]!r}"
            ) from None
        except OSError:
            self.close()
        return statuses

    def _answer(self, connection: socket.socket) -> int:
        while (end := self._read.find(b"\r\n\r\n")) < 0:
            self._more(connection)
        head = self._read[:end].lower()
        size = 0
        for line in head.split(b"\r\n")[1:]:
            if line.startswith(b"content-length:"):
                size = int(line[15:])
        while len(self._read) < end + 4 + size:
            self._more(connection)
        self._read = self._read[end + 4 + size :]
        return int(head[9:12])

    def _more(self, connection: socket.socket) -> None:
        got = connection.recv(65536)
        if not got:
            raise ConnectionResetError
        self._read += got
