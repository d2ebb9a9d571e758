"""Which texts a pattern matches, found once for each text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class Pattern(NamedTuple):
    """What `coterie.language.nodes.Match` asks of a text."""

    op: Literal["contains", "starts_with", "ends_with", "equals"]
    text: str
    fold: bool

    def matcher(self) -> Callable[[str], bool]:
        r"""Whether a text matches; with `fold` the ASCII letters A-Z count as a-z.

        Examples
        --------
        >>> [Pattern("contains", "sk", fold).matcher()("MASKS") for fold in (True, False)]
        [True, False]
        >>> Pattern("equals", "k", True).matcher()("\u212a")  # the sign of the kelvin
        False
        """
        if not self.fold:
            return _plain(self.op, self.text)
        folded = _plain(self.op, self.text.translate(_FOLD))
        return lambda value: folded(value.translate(_FOLD))


def _plain(op: str, text: str) -> Callable[[str], bool]:
    match op:
        case "contains":
            return lambda value: text in value
        case "starts_with":
            return lambda value: value.startswith(text)
        case "ends_with":
            return lambda value: value.endswith(text)
        case "equals":
            return lambda value: value == text
    raise AssertionError(f"no pattern is {op}")


class Matching:
    """The matches of some patterns among texts, code by code.

    Parameters
    ----------
    texts
        The text of each code; codes are only added, at the end, by the owner.

    Attributes
    ----------
    patterns
        The patterns, by their index.
    table
        One row a pattern and one column a code, 1 where the code's text matches.
    """

    def __init__(self, texts: list[str]) -> None:
        self.patterns: list[Pattern] = []
        self.table: npt.NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        self._texts = texts
        self._n_matched: list[int] = []

    def add(self, pattern: Pattern) -> int:
        """The index of a pattern, which is known afterwards."""
        if pattern not in self.patterns:
            self.patterns.append(pattern)
            self._n_matched.append(0)
        return self.patterns.index(pattern)

    def update(self, capacity: int) -> None:
        """Match what was not matched yet; the table has `capacity` columns."""
        wanted = (len(self.patterns), capacity)
        if self.table.shape != wanted:
            rows, columns = self.table.shape
            grown = np.zeros(wanted, np.uint8)
            grown[:rows, :columns] = self.table
            self.table = grown
        for index, pattern in enumerate(self.patterns):
            self._match(index, pattern)

    def _match(self, index: int, pattern: Pattern) -> None:
        start, stop = self._n_matched[index], len(self._texts)
        if start < stop:
            found = map(pattern.matcher(), self._texts[start:stop])
            self.table[index, start:stop] = np.fromiter(found, np.uint8, stop - start)
            self._n_matched[index] = stop
