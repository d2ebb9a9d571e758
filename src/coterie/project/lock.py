"""One writer at a time: a lock that ends with its process, however that ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coterie.errors import StoreError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Hold the project's write lock; readers are not kept waiting.

    Raises
    ------
    StoreError
        Another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(
                "another process is changing this project",
                where=path.parent.parent.name,
                hint="wait until it is done and try again; reading goes on meanwhile",
            ) from None
        yield
