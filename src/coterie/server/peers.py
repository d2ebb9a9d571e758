"""The other end of a connection: how much of what was sent it has not taken yet.

Granian takes whatever is sent and keeps it until the client reads it, in memory and without an
end; only the system's socket knows how far the client has come.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import stat
import struct
import termios
from pathlib import Path
from typing import Self

_FOLDER = Path("/dev/fd")
_MOMENT, _LOOK = 0.001, 0.02


class Slow(Exception):
    """A client did not take what was sent in time; its connection is cut."""


class Peer:
    """The client of one connection of this process.

    Parameters
    ----------
    own : socket.socket
        A second handle of the connection's socket.
    """

    def __init__(self, own: socket.socket) -> None:
        self._socket = own

    @classmethod
    def of(cls, client: str) -> Self | None:
        """Who is connected from an address, as in ``127.0.0.1:41234``; None where nobody is."""
        for file in _FOLDER.iterdir():
            found = _connected(int(file.name), client)
            if found is not None:
                return cls(found)
        return None

    def waiting(self) -> int:
        """Bytes that the client has not taken."""
        answer = fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
        return int(struct.unpack("i", answer)[0])

    async def taken(self, patience: float) -> None:
        """Wait until the client has everything that was sent.

        Parameters
        ----------
        patience : float
            Seconds.

        Raises
        ------
        Slow
            It has not by then.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + patience
        await asyncio.sleep(_MOMENT)
        while self.waiting():
            if loop.time() > end:
                self.cut()
                raise Slow
            await asyncio.sleep(_LOOK)

    def cut(self) -> None:
        """End the connection, whatever waits."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:  # it has ended by itself
            return

    def close(self) -> None:
        """Let go of the second handle."""
        self._socket.close()


def _connected(number: int, client: str) -> socket.socket | None:
    """A second handle of an open file, where it is the connection to this client."""
    try:
        if not stat.S_ISSOCK(os.fstat(number).st_mode):
            return None
        found = socket.socket(fileno=os.dup(number))
    except OSError:  # closed meanwhile
        return None
    try:
        if said(found.getpeername()) == client:
            return found
    except OSError:  # it listens, or has ended
        pass
    found.close()
    return None


def said(address: object) -> str:
    """An address as Granian says it.

    Examples
    --------
    >>> said(("127.0.0.1", 41234))
    '127.0.0.1:41234'
    """
    if isinstance(address, tuple) and len(address) >= 2:
        return f"{address[0]}:{address[1]}"
    return ""
