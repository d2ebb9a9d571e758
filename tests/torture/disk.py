"""What a disk may hold after the power was cut: all that was synced, and any part of the rest.

Of a file, what was written and not synced may be there, missing, torn at any byte, scattered by
sectors, or zeros of the right length. Of a folder, what was made, renamed and deleted in it and
not synced is there up to some moment. Nothing else is assumed: not that syncing a file syncs
its name, nor that one folder's changes are kept in the order of another's.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

from tests.torture.trace import Call

Loss = Literal["none", "all", "tail", "torn", "scattered", "zeros"]
LOSSES: tuple[Loss, ...] = ("none", "all", "tail", "torn", "scattered", "zeros")
"""What becomes of that which was not synced: nothing happens to it, all of it is lost, …"""

SECTOR = 512
_PRIVATE = 0o600
_OPENING = frozenset({"open", "openat", "creat"})


class Moment(NamedTuple):
    """A line of the trace before which the power may be cut, and the second of it."""

    line: int
    at: float


class Write(NamedTuple):
    """Bytes of a file from an offset on."""

    began: int
    at: int
    data: bytes

    @property
    def end(self) -> int:
        """The offset behind them."""
        return self.at + len(self.data)


class Cut(NamedTuple):
    """A new length of a file."""

    began: int
    size: int


class Name(NamedTuple):
    """What a name of a folder means from now on: a file, a folder, or nothing.

    `former` is the name that the same step takes away: a file that is renamed has one of both.
    """

    began: int
    name: str
    means: Thing | None
    former: str | None = None


class Thing:
    """A file or folder, whatever it is called."""

    def __init__(self, *, folder: bool) -> None:
        self.folder = folder
        self.held: bytes = b""
        self.size = 0
        self.names: dict[str, Thing] = {}
        self.at_first: dict[str, Thing] = {}
        self.steps: list[Write | Cut | Name] = []
        self.syncs: list[tuple[int, int]] = []

    def add(self, step: Write | Cut) -> None:
        """Let something become of its content."""
        self.steps.append(step)
        self.size = step.size if isinstance(step, Cut) else max(self.size, step.end)

    def split(self, line: int) -> tuple[list[Write | Cut | Name], list[Write | Cut | Name]]:
        """The steps that are certain at a line of the trace, and those that may be there."""
        synced = max((began for began, ended in self.syncs if ended < line), default=-1)
        kept = [step for step in self.steps if step.began < synced]
        return kept, [step for step in self.steps if synced < step.began < line]


class Disk:
    """What was done to a folder while a process was traced.

    Parameters
    ----------
    before : Path
        A copy of the folder as it was at first, all of it on disk.
    folder : Path
        Where it was.
    calls : sequence of Call
    """

    def __init__(self, before: Path, folder: Path, calls: Sequence[Call]) -> None:
        self._folder = folder.resolve()
        self._top = _loaded(before)
        self._open: dict[int, tuple[Thing, int]] = {}
        self.moments: list[Moment] = []
        self.end = max((call.ended for call in calls), default=0) + 1
        """A line of the trace by which every call had its effect."""
        self._things: set[Thing] = set()
        steps = [(call.began, 0, call) for call in calls if call.result >= 0 and not call.injected]
        steps += [(call.ended, 1, call) for _, _, call in steps if call.name in _OPENING]
        for _, later, call in sorted(steps):
            if later:
                self._opened(call)
            else:
                self._happened(call)

    def after(self, line: int, loss: Loss, random: Random, target: Path) -> None:
        """Write what the disk holds if the power is cut at a line of the trace."""
        Outage(line, loss, random).write(self._top, target)

    def forget_syncs(self) -> None:
        """Believe that syncing never did anything, as on a disk that lies."""
        for thing in self._things:
            thing.syncs.clear()

    def _happened(self, call: Call) -> None:
        doing = getattr(self, f"_did_{call.name}", None)
        if doing is not None:
            doing(call)

    def _place(self, path: str) -> tuple[Thing, str] | None:
        """The folder and the name of a path, where it is one of ours."""
        whole = Path(os.path.normpath(self._folder / path))
        if self._folder not in whole.parents:
            return None
        *above, name = whole.relative_to(self._folder).parts
        folder = self._top
        for each in above:
            if each not in folder.names:
                return None
            folder = folder.names[each]
        return folder, name

    def _thing(self, path: str) -> Thing | None:
        if Path(os.path.normpath(path)) == self._folder:
            return self._top
        place = self._place(path)
        return None if place is None else place[0].names.get(place[1])

    def _becomes(self, call: Call, thing: Thing, step: Write | Cut) -> None:
        thing.add(step)
        self.moments.append(Moment(call.began, call.at))

    def _named(self, call: Call, path: str, means: Thing | None, former: str | None = None) -> None:
        place = self._place(path)
        if place is None:
            return
        folder, name = place
        self.moments.append(Moment(call.began, call.at))
        folder.steps.append(Name(call.began, name, means, former))
        if former is not None:
            del folder.names[former]
        if means is None:
            folder.names.pop(name, None)
        else:
            folder.names[name] = means

    def _did_openat(self, call: Call) -> None:
        thing = self._thing(call.opened)
        if thing is None and "O_CREAT" in call.said and self._place(call.opened) is not None:
            thing = Thing(folder=False)
            self._named(call, call.opened, thing)
        if thing is not None and "O_TRUNC" in call.said:
            self._becomes(call, thing, Cut(call.began, 0))

    _did_open = _did_creat = _did_openat

    def _opened(self, call: Call) -> None:
        """Its number means another file from when the call has returned, and no sooner."""
        thing = self._thing(call.opened)
        if thing is None:
            self._open.pop(call.result, None)
        else:
            self._open[call.result] = (thing, -1 if "O_APPEND" in call.said else 0)

    def _did_lseek(self, call: Call) -> None:
        number = call.files[0][0]
        if number in self._open:
            thing, at = self._open[number]
            self._open[number] = (thing, at if at == -1 else call.result)

    def _did_write(self, call: Call) -> None:
        number, path = call.files[0]
        if number not in self._open or self._thing(path) is not self._open[number][0]:
            return  # a socket, or a file that was deleted
        thing, at = self._open[number]
        data = b"".join(call.texts)[: call.result]
        self._becomes(call, thing, Write(call.began, thing.size if at == -1 else at, data))
        if at != -1:
            self._open[number] = (thing, at + len(data))

    _did_writev = _did_write

    def _did_pwrite64(self, call: Call) -> None:
        thing = self._thing(call.files[0][1])
        if thing is not None:
            self._becomes(call, thing, Write(call.began, call.last, call.texts[0][: call.result]))

    def _did_ftruncate(self, call: Call) -> None:
        thing = self._thing(call.files[0][1])
        if thing is not None:
            self._becomes(call, thing, Cut(call.began, call.last))

    def _paths(self, call: Call) -> list[str]:
        """The paths among the arguments, each below the folder that is named with it."""
        above = [path for _, path in call.files] or [str(self._folder)] * len(call.texts)
        names = zip(above, call.texts, strict=True)
        return [str(Path(folder) / os.fsdecode(name)) for folder, name in names]

    def _did_truncate(self, call: Call) -> None:
        thing = self._thing(self._paths(call)[0])
        if thing is not None:
            self._becomes(call, thing, Cut(call.began, call.last))

    def _did_rename(self, call: Call) -> None:
        old, new = self._paths(call)
        thing, former, place = self._thing(old), self._place(old), self._place(new)
        if thing is None or former is None or place is None:
            return
        same = former[0] is place[0]
        self._named(call, new, thing, former[1] if same else None)
        if not same:
            self._named(call, old, None)

    _did_renameat = _did_renameat2 = _did_rename

    def _did_link(self, call: Call) -> None:
        old, new = self._paths(call)
        self._named(call, new, self._thing(old))

    _did_linkat = _did_link

    def _did_unlink(self, call: Call) -> None:
        self._named(call, self._paths(call)[0], None)

    _did_unlinkat = _did_rmdir = _did_unlink

    def _did_mkdir(self, call: Call) -> None:
        self._named(call, self._paths(call)[0], Thing(folder=True))

    _did_mkdirat = _did_mkdir

    def _did_fsync(self, call: Call) -> None:
        thing = self._thing(call.files[0][1])
        if thing is not None:
            thing.syncs.append((call.began, call.ended))
            self._things.add(thing)
            self.moments.append(Moment(call.began, call.at))

    _did_fdatasync = _did_fsync

    def _did_copy_file_range(self, call: Call) -> None:
        if any(self._thing(path) is not None for _, path in call.files):
            raise AssertionError("this call is not understood here")

    _did_sendfile = _did_pwritev = _did_pwritev2 = _did_copy_file_range


class Outage:
    """A cut of the power."""

    def __init__(self, line: int, loss: Loss, random: Random) -> None:
        self._line = line
        self._loss = loss
        self._random = random

    def write(self, thing: Thing, target: Path) -> None:
        """Write what is left of a file or folder."""
        if not thing.folder:
            target.touch(_PRIVATE)
            target.write_bytes(self._content(thing))
            return
        target.mkdir()
        kept, rest = thing.split(self._line)
        names: dict[str, Thing | None] = {**thing.at_first}
        for step in [*kept, *self._some(rest)]:
            if isinstance(step, Name):
                names.pop(step.former or "", None)
                names[step.name] = step.means
        for name, means in sorted(names.items()):
            if means is not None and not name.endswith("-shm"):
                self.write(means, target / name)

    def _some(self, steps: list[Write | Cut | Name]) -> list[Write | Cut | Name]:
        """The first of some steps, or all, or none."""
        if self._loss == "none":
            return steps
        return steps[: 0 if self._loss == "all" else self._random.randint(0, len(steps))]

    def _content(self, thing: Thing) -> bytes:
        kept, rest = thing.split(self._line)
        held = bytearray(thing.held)
        _apply(held, kept)
        size = len(held)
        if self._loss == "zeros":
            whole = bytearray(held)
            _apply(whole, rest)
            return bytes(held[: len(whole)].ljust(len(whole), b"\0"))
        if self._loss == "scattered":
            rest = [piece for step in rest for piece in self._pieces(step)]
        elif rest:
            rest = self._some(rest)
        _apply(held, rest)
        if self._loss == "torn" and len(held) > size:
            del held[self._random.randint(size, len(held)) :]
        return bytes(held)

    def _pieces(self, step: Write | Cut | Name) -> list[Write | Cut | Name]:
        """Some of the sectors that a write touches."""
        if not isinstance(step, Write):
            return [step] * self._random.randint(0, 1)
        ends = [*range((step.at // SECTOR + 1) * SECTOR - step.at, len(step.data), SECTOR)]
        return [
            Write(step.began, step.at + a, step.data[a:b])
            for a, b in zip([0, *ends], [*ends, len(step.data)], strict=True)
            if self._random.random() < 0.5
        ]


def _apply(held: bytearray, steps: Sequence[Write | Cut | Name]) -> None:
    for step in steps:
        if isinstance(step, Write):
            held.extend(bytes(max(0, step.at - len(held))))
            held[step.at : step.end] = step.data
        elif isinstance(step, Cut):
            del held[step.size :]
            held.extend(bytes(step.size - len(held)))


def _loaded(path: Path) -> Thing:
    """A folder as it is, all of it on disk."""
    thing = Thing(folder=path.is_dir())
    if thing.folder:
        thing.names = {each.name: _loaded(each) for each in path.iterdir()}
        thing.at_first = dict(thing.names)
    else:
        thing.held = path.read_bytes()
        thing.size = len(thing.held)
    return thing


def copied(folder: Path, target: Path) -> Path:
    """A copy of a folder; of a server that does not run."""
    return Path(shutil.copytree(folder, target, ignore=shutil.ignore_patterns("*-shm")))
