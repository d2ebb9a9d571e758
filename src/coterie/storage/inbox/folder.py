"""The folder of the inbox: segments made and deleted so that a crash is harmless."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from coterie.errors import StoreError

_ENDING, _NEW = ".segment", "new"
_PRIVATE = 0o600


def path_of(folder: Path, first: int) -> Path:
    """The file of the segment that begins with a number."""
    return folder / f"{first:020d}{_ENDING}"


def present(folder: Path) -> list[int]:
    """The first numbers of all segments, in order; none where there is no folder."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - asked hundreds of times a second
    except FileNotFoundError:
        return []
    return sorted(int(name[:20]) for name in names if name.endswith(_ENDING))


def size(folder: Path) -> int:
    """Bytes of all segments."""
    total = 0
    for first in present(folder):
        with suppress(FileNotFoundError):
            total += path_of(folder, first).stat().st_size
    return total


def make(folder: Path) -> None:
    """Make the folder where there is none; its name is on disk when this returns."""
    if not folder.is_dir():
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        above = opened(folder.parent)
        try:
            sync(above)
        finally:
            os.close(above)


def opened(folder: Path) -> int:
    """The folder as a file, to be locked and synced."""
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def put(folder: Path, handle: int, first: int, header: bytes) -> None:
    """Make a segment that holds its header alone, in place of an empty one; then it is on disk."""
    new = folder / _NEW
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _PRIVATE)
    try:
        write(file, header)
        sync(file)
    finally:
        os.close(file)
    new.rename(path_of(folder, first))
    sync(handle)


def delete(folder: Path, first: int, n_header: int) -> None:
    """Delete a segment, its key before the rest, so that blocks found later cannot be opened."""
    path = path_of(folder, first)
    with suppress(FileNotFoundError):
        file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.pwrite(file, bytes(n_header), 0)
            sync(file)
        finally:
            os.close(file)
        path.unlink()


def write(file: int, said: bytes) -> None:
    """Write all of something."""
    rest = memoryview(said)
    while rest:
        rest = rest[os.write(file, rest) :]


def sync(file: int) -> None:
    """Bring a file or folder to the disk.

    Raises
    ------
    StoreError
        It failed. Asking once more would be told that all is well, whatever the disk holds; so
        this is no failure that passes, not even where there is no room.
    """
    try:
        os.fdatasync(file)
    except OSError as error:
        raise failed(error) from None


def failed(error: OSError | None = None) -> StoreError:
    """What is raised once the disk has failed."""
    return StoreError(
        "the store failed: the disk did not keep what was written", where="inbox",
        got=os.strerror(error.errno) if error is not None and error.errno else "",
        hint="see to the disk, and start again: what was acknowledged is kept",
    )  # fmt: skip


@contextmanager
def alone(handle: int) -> Iterator[None]:
    """Change the last segment while nobody else does; `handle` is the opened folder."""
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)
