"""What a process asked of the system, as strace wrote it down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TRACED = (
    "open,openat,creat,write,pwrite64,writev,pwritev,pwritev2,lseek,ftruncate,truncate,"
    "rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir,mkdir,mkdirat,fsync,fdatasync,"
    "copy_file_range,sendfile"
)
"""All that changes what a disk holds; nothing here maps files to write to, but SQLite's -shm."""

_LINE = re.compile(r"(\d+) +(\d+\.\d+) (.*)", re.DOTALL)
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(.*)", re.DOTALL)
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+)(.*)", re.DOTALL)
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_OPEN = re.compile(r"(-?\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)>")
_UNFINISHED = " <unfinished ...>"


class Call(NamedTuple):
    """One call of the system.

    Parameters
    ----------
    began, ended : int
        Lines of the trace: by the first it may have had its effect, by the second it had.
    at : float
        Seconds since 1970, when it began.
    name : str
    said : str
        Its arguments as they were written down.
    result : int
    opened : str
        The path of the file that it returned, if any.
    injected : bool
        Whether strace answered in place of the system.
    """

    began: int
    ended: int
    at: float
    name: str
    said: str
    result: int
    opened: str
    injected: bool

    @property
    def texts(self) -> list[bytes]:
        """All arguments that are texts or bytes, in order."""
        return [_bytes(found) for found in _TEXT.findall(self.said)]

    @property
    def files(self) -> list[tuple[int, str]]:
        """Number and path of each open file among the arguments; the folder one is in is -100."""
        found = _OPEN.findall(_TEXT.sub("", self.said))
        return [(-100 if n == "AT_FDCWD" else int(n), _path(path)) for n, path in found]

    @property
    def last(self) -> int:
        """The last argument, a number."""
        return int(self.said.rpartition(", ")[2])


def command(strace: str, out: Path, *more: str) -> list[str]:
    """What to put before a command in order to trace it; `more` may inject something."""
    killing = any("signal=" in each for each in more)
    fast = [] if killing else ["--seccomp-bpf"]  # strace 6.1 sends no signal with it
    return [
        strace, "-D", "-f", *fast, "-q", "-y", "-xx", "-s", "100000000", "-ttt",
        "-e", f"trace={TRACED}", "-o", str(out), *more,
    ]  # fmt: skip


def calls(trace: Path) -> list[Call]:
    """All calls that ended, in the order in which they began."""
    return sorted(_calls(trace))


def _calls(trace: Path) -> Iterator[Call]:
    open_: dict[str, tuple[int, float, str]] = {}
    with trace.open(encoding="ascii", errors="replace") as lines:
        for n, line in enumerate(lines):
            found = _LINE.fullmatch(line.rstrip("\n"))
            if found is None:
                continue
            task, at, said = found[1], float(found[2]), found[3]
            began = n
            if said.endswith(_UNFINISHED):
                open_[task] = (n, at, said.removesuffix(_UNFINISHED))
                continue
            resumed = _RESUMED.fullmatch(said)
            if resumed is not None and task in open_:
                began, at, before = open_.pop(task)
                said = before + resumed[1]
            call = _CALL.fullmatch(said)
            if call is not None:
                opened = _OPEN.search(f"{call[3]}{call[4]}")
                path = "" if opened is None else _path(opened[2])
                injected = "(INJECTED)" in call[4]
                yield Call(began, n, at, call[1], call[2], int(call[3]), path, injected)


def _bytes(said: str) -> bytes:
    return bytes.fromhex(said.replace("\\x", ""))


def _path(said: str) -> str:
    return _bytes(said).decode(errors="surrogateescape")
