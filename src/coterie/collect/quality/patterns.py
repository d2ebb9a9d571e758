"""Regular expressions of a plan, none of which can be made to run for long.

Python's `re` goes back and tries another way where a text fits up to a point, and there are
patterns with exponentially many ways. So the ways are counted before a pattern is used: over a
text of 255 characters a pattern may have 100,000 at most, each no longer than the text. A
repetition that must end where it can end (`[A-Z]+-`, for no letter is a hyphen) has one way.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from coterie.errors import PlanError

LONGEST = 255
"""Characters of a text that a pattern is tried on; a longer one does not fit."""

WAYS = 100_000
_MEMO = 1 << 16
_parser: Any = importlib.import_module("re._parser")
_c: Any = importlib.import_module("re._constants")
_BEYOND = 128
"""Stands for every character beyond ASCII: classes that name any of them are taken to meet."""

_DEEP = 64
_EVERY = range(_BEYOND + 1)
_NOTHING: frozenset[int] = frozenset()
Characters = frozenset[int]


def fitting(pattern: str, where: str) -> Callable[[str], bool]:
    """Whether all of a text fits a pattern, remembered by text.

    Raises
    ------
    PlanError
        It is no pattern, it looks back or around, or it has too many ways.

    Examples
    --------
    >>> fits = fitting("[A-Z]{2}-[0-9]+", "Order Completed.sku")
    >>> fits("AB-12"), fits("AB-12 ")
    (True, False)
    """
    try:
        compiled = re.compile(pattern)
        n = ways(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise PlanError("the pattern cannot be read", where=where, got=str(error)) from None
    except _Unbounded as error:
        raise PlanError(
            "the pattern could take too long on some text", where=where, got=str(error),
            expected="no references back, nothing looked at ahead or behind, and no flags",
        ) from None  # fmt: skip
    if n > WAYS:
        raise PlanError(
            "the pattern could take too long on some text", where=where,
            got="more than 100,000 ways through 255 characters", expected="fewer",
            hint="repeat what cannot be confused with what follows it: [^@]+@ instead of .+@",
        )  # fmt: skip

    @lru_cache(maxsize=_MEMO)
    def fits(text: str) -> bool:
        return len(text) <= LONGEST and compiled.fullmatch(text) is not None

    return fits


def ways(pattern: str) -> int:
    """How many ways there are through a pattern for any text of 255 characters, at most.

    Examples
    --------
    >>> ways("[A-Z]+-[0-9]+"), ways("(a+)+b") > WAYS, ways("a?" * 30) > WAYS
    (1, True, True)
    """
    parsed = _parser.parse(pattern)
    if parsed.state.flags & ~re.UNICODE:
        raise _Unbounded("flags")
    return _Ways().sequence(parsed, _NOTHING)[0]


class _Unbounded(Exception):
    """Something whose ways cannot be counted."""


class _Ways:
    """Counts from the end of a pattern to its start, knowing what may follow."""

    def sequence(self, items: Iterable[Any], after: Characters) -> tuple[int, Characters]:
        """The ways through items, and which characters they and what follows may begin with."""
        n = 1
        for kind, said in reversed(list(items)):
            found, after = self._item(kind, said, after)
            n = min(n * found, WAYS + 1)
        return n, after

    def _item(self, kind: Any, said: Any, after: Characters) -> tuple[int, Characters]:
        if kind in _ONE:
            return 1, frozenset(c for c in _EVERY if _has(kind, said, c))
        if kind is _c.AT:
            return 1, after
        if kind is _c.SUBPATTERN and not said[1] and not said[2]:
            return self.sequence(said[3], after)
        if kind is _c.BRANCH:
            return self._branches([self.sequence(one, after) for one in said[1]])
        if kind in (_c.MAX_REPEAT, _c.MIN_REPEAT):
            return self._repeated(int(said[0]), int(said[1]), said[2], after)
        raise _Unbounded(str(kind).lower().replace("_", " "))

    def _branches(self, found: list[tuple[int, Characters]]) -> tuple[int, Characters]:
        """Of branches that begin differently only one is tried."""
        every = frozenset[int]().union(*(first for _, first in found))
        apart = all(f for _, f in found) and sum(len(f) for _, f in found) == len(every)
        each = [n for n, _ in found]
        return max(each) if apart else sum(each), every

    def _repeated(
        self, least: int, most: int, body: Any, after: Characters
    ) -> tuple[int, Characters]:
        """One way where the next character tells whether it goes on, else one for each number."""
        shortest = body.getwidth()[0]
        if shortest == 0 and most > 1:
            raise _Unbounded("a repetition of what may be empty")
        first = self.sequence(body, _NOTHING)[1]
        n = self.sequence(body, first | after)[0]
        begins = first if least and shortest else first | after
        times = min(most, LONGEST // max(shortest, 1))
        if n == 1:
            return (max(times - least, 0) + 1 if first & after else 1), begins
        total, power = 0, n**least if least < _DEEP else WAYS + 1
        for _ in range(least, times + 1):
            total, power = total + power, power * n
            if total > WAYS:
                break
        return min(total, WAYS + 1), begins


def _has(kind: Any, said: Any, code: int) -> bool:
    """Whether a class may hold a character; one beyond ASCII may be in any that names such."""
    if kind is _c.LITERAL:
        return min(int(said), _BEYOND) == code
    if kind is _c.NOT_LITERAL:
        return code == _BEYOND or code != said
    if kind is _c.ANY:
        return code != ord("\n")
    if kind is _c.RANGE:
        return min(int(said[0]), _BEYOND) <= code <= min(int(said[1]), _BEYOND)
    if kind is _c.CATEGORY:
        return code == _BEYOND or _CATEGORIES[str(said)].fullmatch(chr(code)) is not None
    if said[0][0] is _c.NEGATE:
        return code == _BEYOND or not any(_has(k, s, code) for k, s in said[1:])
    return any(_has(k, s, code) for k, s in said)


_ONE = (_c.LITERAL, _c.NOT_LITERAL, _c.ANY, _c.IN)
_CATEGORIES = {
    f"CATEGORY_{name}": re.compile(spelt)
    for name, spelt in {
        "DIGIT": r"\d", "NOT_DIGIT": r"\D", "SPACE": r"\s", "NOT_SPACE": r"\S",
        "WORD": r"\w", "NOT_WORD": r"\W",
    }.items()
}  # fmt: skip
