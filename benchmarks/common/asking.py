"""Definitions of a file, asked of the lake as a run asks them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from common.events import NOW, PLAN
from coterie.engines.fits import Fits
from coterie.language.definitions import Definitions
from coterie.language.library import Library
from coterie.language.load import load_python
from coterie.profiles.asking import Asking
from coterie.storage.lake import Lake

DEFINITIONS = Path(__file__).parents[1] / "definitions"


def load(name: str) -> tuple[Definitions, Library]:
    """The definitions of one file, with the library that checks them."""
    found = load_python(DEFINITIONS / f"{name}.py")
    return found, Library(found, PLAN, {"analytics": "legitimate_interest"}, "analytics")


def everyone(lake: Lake, file: str, *, segments: bool = False) -> Callable[[], pa.Table]:
    """Everybody's values of a file's definitions, from nothing: no connection, no plan is kept.

    Parameters
    ----------
    segments : bool
        Whether only its segments are asked for.
    """
    found, library = load(file)
    names = list(library.segments if segments else found.by_name)

    def ask() -> pa.Table:
        asking = Asking(lake, library)
        spine = asking.everyone(lake.offset(), [NOW])
        return asking.values(names, spine, Fits()).drop_columns(["offset", "t"])

    return ask


def counting(lake: Lake) -> Callable[[], None]:
    """Count who is there, as a flush does once: afterwards it is read."""

    def count() -> None:
        shutil.rmtree(lake.folder / "presence")
        lake.keep_presence()

    return count


def given(lake: Lake, file: str) -> Callable[[], pa.Table]:
    """As :func:`everyone`, when it is known who there is."""
    found, library = load(file)
    spine = Asking(lake, library).everyone(lake.offset(), [NOW])
    return lambda: Asking(lake, library).values(list(found.by_name), spine, Fits())
