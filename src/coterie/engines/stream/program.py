"""A library as data for the kernels: what engine and kernels need to know of it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from coterie.engines.stream import layout as y
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.language.types import Type

OTHER = ""
"""The name of events that no definition reads: that there are some, makes a person somebody."""


@dataclass
class Block:
    """Some words of a row: the state of one selection or leaf.

    Parameters
    ----------
    key
        Equal for states that mean the same, whatever the program.
    node : Selection or Aggregate
        Whose state it is.
    offset, width : int
    chunks : list of int
        Where in the row it points to chunks.
    names : tuple of str
        The event names that it depends on.
    leaf : int
        The number of the leaf, -1 for a selection.
    waits : bool
        Whether it keeps events, cells and all.
    """

    key: Hashable
    node: n.Selection | n.Aggregate
    offset: int
    width: int
    chunks: list[int]
    names: tuple[str, ...]
    leaf: int = -1
    waits: bool = False


@dataclass
class Program:
    """What kernels and engine need of a library.

    Parameters
    ----------
    words : array of int64
        A memory with the program and nobody in it.
    events : dict of str to dict of str to int
        Event name -> property -> cell; the order of names is that of their numbers.
    kinds : dict of str to dict of str to Type
        Event name -> property -> its type in the plan.
    outputs : list of (str, str)
        Segment, and stage or nothing, of each membership bit.
    results : dict of str to int
        Definition -> where its register lies.
    slots : list of Fitted
        The fitted node of each slot of parameters.
    names : list of str
        Definitions by the number that deadlines give as their reason.
    blocks : list of Block
    leaves : dict of Aggregate to int
        Each distinct aggregate with its number.
    """

    library: Library
    words: Any = None
    events: dict[str, dict[str, int]] = field(default_factory=dict)
    kinds: dict[str, dict[str, Type]] = field(default_factory=dict)
    outputs: list[tuple[str, str]] = field(default_factory=list)
    results: dict[str, int] = field(default_factory=dict)
    slots: list[n.Fitted] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    leaves: dict[n.Aggregate, int] = field(default_factory=dict)

    @property
    def cells(self) -> int:
        """How many cells an event has."""
        return int(self.words[y.CELLS])

    @property
    def width(self) -> int:
        """The words of a row."""
        return int(self.words[y.WIDTH])
