"""What people decided about a study: adopted or rejected, when, by whom and why."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from coterie.discover.keeping.record import decode, encode
from coterie.storage import durable

DECISIONS = "decisions.json"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision about a study.

    Parameters
    ----------
    decided : {"adopted", "rejected"}
    at : int
        Microseconds UTC.
    author, note : str
        Who decided, and why; empty where nobody said.
    how : str
        ``rules`` or ``model``; empty of a rejection.
    candidate : str
        The clustering that was adopted.
    file : str
        The file of definitions that was written, within the project.
    definitions : tuple of str
        The names that it defines.
    fidelity : float or None
        The part of the people whom they put where the study did.
    """

    decided: Literal["adopted", "rejected"]
    at: int
    author: str = ""
    note: str = ""
    how: str = ""
    candidate: str = ""
    file: str = ""
    definitions: tuple[str, ...] = ()
    fidelity: float | None = None


def read(folder: Path) -> tuple[Decision, ...]:
    """Every decision about the study in a folder, the first one first.

    Raises
    ------
    msgspec.DecodeError
        The file is damaged.
    """
    path = folder / DECISIONS
    return decode(path.read_bytes(), tuple[Decision, ...]) if path.is_file() else ()


def add(folder: Path, decision: Decision) -> None:
    """Keep one more decision; readers see the former ones or all."""
    every = encode((*read(folder), decision))
    durable.write(folder / DECISIONS, every, private=False)
