"""What the state takes: bytes of everybody, and of each distinct aggregate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from coterie.engines.held import Held
from coterie.engines.stream.editing import leaves
from coterie.engines.stream.memory import PLACE
from coterie.engines.stream.memory import held as sizes
from coterie.engines.stream.program import Block
from coterie.language import nodes as n
from coterie.language.phrases import phrase
from coterie.language.selected import selected

if TYPE_CHECKING:
    from coterie.engines.stream.batches import Words
    from coterie.engines.stream.engine import StreamEngine
    from coterie.engines.stream.partition import Partition

WORD = 8
"""Bytes."""


def held(engine: StreamEngine) -> list[Held]:
    """Every state of the program, the largest first; equal aggregates are one."""
    named = _first_names(engine)
    found = [
        Held(named.get(block.node, ""), _said(block.node), *_taken(engine, block))
        for block in engine.program.blocks
    ]
    return sorted(found, key=lambda one: (-one.bytes, one.name, one.of))


def _first_names(engine: StreamEngine) -> dict[n.Node, str]:
    """The first definition that rests on each aggregate, and on each selection within it."""
    found: dict[n.Node, str] = {}
    for name in engine.library.order:
        for leaf in sorted(leaves(engine.library, name), key=repr):
            for node in n.walk(leaf):
                found.setdefault(node, name)
    return found


def _said(node: n.Selection | n.Aggregate) -> str:
    return phrase(node) if isinstance(node, n.Aggregate) else selected(node, phrase)


def _taken(engine: StreamEngine, block: Block) -> tuple[int, int]:
    """The bytes of everybody's state, and those of the largest."""
    each = [words for part in engine.parts for words in _words(part, block)]
    return WORD * int(sum(map(np.sum, each))), WORD * int(max(map(np.max, each), default=0))


def _words(part: Partition, block: Block) -> Iterator[Words]:
    """The words of each person of a partition that has any."""
    if part.n_people:
        chunks = (sizes(part.row(at + PLACE)) for at in block.chunks)
        yield sum(chunks, np.full(part.n_people, block.width, np.int64))
