"""What does not fit in memory: how much a database may hold, and where the rest of it lies."""

from __future__ import annotations

import os
import platform
import shutil
from itertools import count
from pathlib import Path

HALF = "50%"
"""Of the machine's memory: what one database may hold unless a project says otherwise."""

_PREFIX = ".spill"
_PLACES = f"{_PREFIX}-*-*-*"
_NUMBERS = count(1)


def settings(folder: Path, memory: str) -> dict[str, str]:
    """DuckDB's settings for one more database whose overflow goes below a folder.

    Parameters
    ----------
    memory : str
        As DuckDB takes it: ``50%``, ``4GB``.

    Notes
    -----
    The overflow's folder is made when something overflows, and deleted when the database is
    closed; after a kill :func:`sweep` finds it by the process in its name.
    """
    name = f"{_PREFIX}-{platform.node()}-{os.getpid()}-{next(_NUMBERS)}"
    return {"memory_limit": memory, "temp_directory": str(folder / name)}


def sweep(folder: Path) -> None:
    """Delete what processes of this machine left that are no more."""
    for place in folder.glob(_PLACES):
        host, process, _ = place.name.removeprefix(f"{_PREFIX}-").rsplit("-", 2)
        if host == platform.node() and not _lives(int(process)):
            shutil.rmtree(place, ignore_errors=True)


def wipe(folder: Path) -> None:
    """Delete every file that anybody's overflow lies in; who still needs it has to ask again."""
    for file in folder.glob(f"{_PLACES}/*"):
        file.unlink(missing_ok=True)
    sweep(folder)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        pass
    return True
