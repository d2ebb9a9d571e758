"""Numbers that are ordered as texts are, kept while texts are added.

The codes of all texts lie in blocks, in the order of the texts. A label is the place of the block
and a place within it, both with gaps: a new text takes the middle of its gap. Where there is none
left, one block is spread anew; a block that is full is halved; and only where two blocks have no
gap between them are all spread.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left

import numpy as np
import numpy.typing as npt

_FILLED = 1024
_MOST = 2 * _FILLED
_LOW_BITS = 32
_LOWS = 2**_LOW_BITS
_HIGHS = 2**31
_MANY = 4  # more than one new text to so many old ones: all are sorted again


class Ordering:
    """The order of texts by code point, code by code.

    Parameters
    ----------
    texts
        The text of each code; codes are only added, at the end, by the owner.

    Attributes
    ----------
    labels
        At each code a number that is less than another's exactly where its text is before the
        other's. Numbers change as texts are added; their order does not.

    Examples
    --------
    >>> texts = ["b", "Z", "a"]
    >>> order = Ordering(texts)
    >>> order.update(capacity=4)
    >>> np.argsort(order.labels[:3]).tolist()
    [1, 2, 0]
    """

    def __init__(self, texts: list[str]) -> None:
        self.labels: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._texts = texts
        self._n_labelled = 0
        self._blocks: list[array[int]] = []
        self._highs: list[int] = []

    def update(self, capacity: int) -> None:
        """Label the texts that have none; `labels` is as long as `capacity`."""
        if len(self.labels) < capacity:
            grown = np.zeros(capacity, np.int64)
            grown[: len(self.labels)] = self.labels
            self.labels = grown
        count, known = len(self._texts), self._n_labelled
        if (count - known) * _MANY > known:
            self._sort(count)
        else:
            for code in range(known, count):
                self._insert(code)
        self._n_labelled = count

    @property
    def nbytes(self) -> int:
        """The memory of the labels and the blocks."""
        return self.labels.nbytes + sum(block.itemsize * len(block) for block in self._blocks)

    def _sort(self, count: int) -> None:
        before = [code for block in self._blocks for code in block]  # in order: quick to sort
        before += range(self._n_labelled, count)
        codes = array("q", sorted(before, key=self._texts.__getitem__))
        self._blocks = [codes[i : i + _FILLED] for i in range(0, count, _FILLED)]
        self._spread_blocks()

    def _insert(self, code: int) -> None:
        text = self._texts[code]
        index = bisect_left(self._blocks, text, key=self._last_of)
        index = min(index, len(self._blocks) - 1)
        block = self._blocks[index]
        place = bisect_left(block, text, key=self._texts.__getitem__)
        block.insert(place, code)
        self._label(index, place)
        if len(block) > _MOST:
            self._halve(index)

    def _last_of(self, block: array[int]) -> str:
        return self._texts[block[-1]]

    def _label(self, index: int, place: int) -> None:
        """The middle of the gap between two neighbours of one block, if there is one."""
        block = self._blocks[index]
        start = self._highs[index] << _LOW_BITS
        below = int(self.labels[block[place - 1]]) if place else start
        above = int(self.labels[block[place + 1]]) if place + 1 < len(block) else start + _LOWS
        if above - below < 2:
            self._spread(index)
        else:
            self.labels[block[place]] = (below + above) // 2

    def _spread(self, index: int) -> None:
        """The labels of one block, evenly within its place."""
        codes = np.array(self._blocks[index], np.int64)
        step = _LOWS // (len(codes) + 1)
        start = self._highs[index] << _LOW_BITS
        self.labels[codes] = start + step * np.arange(1, len(codes) + 1)

    def _halve(self, index: int) -> None:
        block = self._blocks[index]
        below = self._highs[index]
        above = self._highs[index + 1] if index + 1 < len(self._highs) else _HIGHS
        self._blocks[index : index + 1] = [block[:_FILLED], block[_FILLED:]]
        self._highs.insert(index + 1, (below + above) // 2)
        if above - below < 2:
            self._spread_blocks()
        else:
            self._spread(index)
            self._spread(index + 1)

    def _spread_blocks(self) -> None:
        """The places of the blocks, evenly, and the labels of all."""
        step = _HIGHS // (len(self._blocks) + 1)
        self._highs = [step * (i + 1) for i in range(len(self._blocks))]
        for index in range(len(self._blocks)):
            self._spread(index)
