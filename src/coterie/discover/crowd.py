"""The people of a study as they were found: a row a person, a column a trait, nothing changed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from coterie.discover.prepared import Note


class Kind(StrEnum):
    """What a column is, and so what may be done with it."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    ORDINAL = "ordinal"
    INSTANT = "instant"


@dataclass(frozen=True)
class Column:
    """One trait of a crowd.

    Parameters
    ----------
    name : str
        The trait's name in the library.
    kind : Kind
    levels : tuple of str
        Of an ordinal column its values, least first; else empty.
    unit : str
        As the plan states it, such as ``GBP``; empty where it states none.
    nothing : float or None
        What an unknown means, where it can only mean that nothing occurred: 0 for a sum.
    """

    name: str
    kind: Kind
    levels: tuple[str, ...] = ()
    unit: str = ""
    nothing: float | None = None


@dataclass(frozen=True)
class Crowd:
    """Everybody a study may use, with their traits as one position answers them.

    Parameters
    ----------
    frame : pandas.DataFrame
        Indexed by pseudonym, one column for each of `columns`, in that order. Numbers are
        ``float64`` (decimals in their unit, not in counts of their smallest part), truths
        ``boolean``, categories and ordinals ``string``, instants ``datetime64[us, UTC]``;
        unknown is NaN, NA or NaT.
    columns : tuple of Column
    at : int
        The clock of the answer, microseconds UTC.
    offset : int
        The log offset of the answer.
    purpose : str
        What the people agreed to be used for, or what else allows it; nobody else is in.
    notes : tuple of Note
        How types were found, and what was left out and why.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    at: int
    offset: int
    purpose: str
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.frame)

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)
