"""Small files that are there whole, or not at all, whenever the power is cut."""

from __future__ import annotations

import os
from pathlib import Path


def write(path: Path, content: bytes, *, private: bool = True) -> None:
    """Put a file in its place; it is on disk when this returns, with the folders above it.

    Folders that are missing are made.

    Parameters
    ----------
    path : Path
        A file that was there is replaced, in one step.
    private : bool
        Only its owner may read it (mode 0600), and what is in the folders that are made (0700).
        Otherwise whoever reads what this user writes: a file that a team keeps in git.

    Raises
    ------
    OSError
        There is no room, or the disk failed; what was there before still is.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder) / "keys" / "key", b"secret")
    ...     (Path(folder) / "keys" / "key").read_bytes()
    b'secret'
    """
    made(path.parent, private=private)
    unfinished = path.with_name(f"{path.name}.new")
    mode = 0o600 if private else 0o666
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync(path)


def made(folder: Path, *, private: bool = True) -> None:
    """Make a folder, and those above it, where there is none; their names are on disk then."""
    if not folder.is_dir():
        made(folder.parent, private=private)
        folder.mkdir(mode=0o700 if private else 0o777, exist_ok=True)
        sync(folder)


def sync(path: Path) -> None:
    """Bring a file and its place in its folder to the disk."""
    for target in (path, path.parent):
        handle = os.open(target, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
