"""The stores of a project's folder: opened where they belong together, and still the same later."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

from coterie.errors import ProjectError, StoreError
from coterie.profiles.stores import Stores
from coterie.project import folder as folders
from coterie.project.settings import FILE
from coterie.storage.lake import Lake
from coterie.storage.ledger import Ledger
from coterie.storage.log import HORIZON, Log

LOG, LEDGER, LAKE = "log.db", "ledger.db", "lake"


def open_stores(folder: Path, until: ExitStack, memory: str, horizon: int = HORIZON) -> Stores:
    """The stores of a project, made where there are none yet.

    Parameters
    ----------
    until : ExitStack
        Closes them.
    memory : str
        What a question may hold before it spills (:class:`coterie.storage.lake.Lake`).
    horizon : int
        Microseconds that a collected event is known for (:class:`coterie.storage.log.Log`).

    Raises
    ------
    ProjectError
        The project is gone.
    StoreError
        The data folder cannot be written to, or one of the stores is missing, or is older than
        what the others were made of.
    """
    if not (folder / FILE).is_file():
        raise _gone(folder)
    data = folder / folders.DATA
    _writable(data)
    if (data / LEDGER).exists() and not (data / LOG).exists():
        raise _missing(LOG)
    log = until.enter_context(Log(data / LOG, horizon))
    if log.end() and not (data / LEDGER).exists():
        raise _missing(LEDGER)
    ledger = until.enter_context(Ledger(data / LEDGER))
    stores, run = Stores(log, Lake(data / LAKE, memory), ledger), ledger.last_run()
    made = max(stores.lake.offset(), run.counts["offset"] if run else 0)
    if log.end() < made:  # read after what was made of it: a server may go on meanwhile
        raise _missing(LOG)
    return stores


def identity(folder: Path) -> tuple[int, int]:
    """Which file the log of a project is.

    Raises
    ------
    ProjectError
        It is gone.
    """
    try:
        found = (folder / folders.DATA / LOG).stat()
    except OSError:
        raise _gone(folder) from None
    return found.st_dev, found.st_ino


def same(folder: Path, known: tuple[int, int]) -> None:
    """Refuse to go on with files that were deleted, or replaced, while they were open.

    Raises
    ------
    ProjectError
    """
    if identity(folder) != known:
        raise ProjectError(
            "the project's data was replaced while it was open", where=str(folder),
            hint="open the project again",
        )  # fmt: skip


def _writable(data: Path) -> None:
    """See that the databases can be written: even a reader of them locks and recovers them."""
    for path in (data, data / LOG, data / LEDGER):
        if path.exists() and not os.access(path, os.W_OK):
            raise StoreError(
                "the project's data cannot be written to, and even reading it needs that",
                where=str(path),
                hint="copy the project to a folder of your own, or have the right to write given",
            )


def _gone(folder: Path) -> ProjectError:
    return ProjectError(
        "the project is gone: its folder was moved or deleted", where=str(folder),
        hint="restore it from a backup, or name the folder where it is now",
    )  # fmt: skip


def _missing(name: str) -> StoreError:
    return StoreError(
        "a store is missing, or older than what the others were made of; nothing was changed",
        where=f"{folders.DATA}/{name}",
        hint="restore the whole data folder from one backup",
    )
