"""Counting by a definition: everybody where that is quick, else a sample that says how sure it is.

A pseudonym is a keyed hash, so the people whose pseudonyms come first are a random sample, and
the lake, sorted by person, holds them side by side. The same people are asked again and again while
a definition is edited, so that what moves is what the edit does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from coterie.engines.fits import Fits
from coterie.engines.sql import SqlEngine
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.profiles import columns, fitting
from coterie.profiles.asking import Asking, points
from coterie.profiles.estimating.published import PublishedSource, ReadingLibrary
from coterie.profiles.estimating.shares import Share, share
from coterie.profiles.questions import Questions
from coterie.profiles.state import files_of
from coterie.profiles.stores import Stores, answered
from coterie.storage.ledger import Run

FEW = 50_000
"""So many people are counted at once, whatever is asked."""

FIRST = 10_000
"""People of the first sample of more."""

EXAMPLES = 6
"""People who are shown of those who are in."""

_PREFIX = 2**32


class Count(msgspec.Struct, frozen=True):
    """How many people a definition holds.

    Parameters
    ----------
    at : int
        The instant, microseconds UTC: the last run's.
    people : int
        Everybody.
    sample : int
        How many of them were asked; `people` where the numbers are exact.
    holds, audience : Share
        Who is in, and who of them may be used for the purpose.
    examples : list of dict
        Some of the audience, by ``profile``, with the values that the definition refers to.
    """

    at: int
    people: int
    sample: int
    holds: Share
    audience: Share
    examples: list[dict[str, Any]]


class Counting:
    """Counts at the position of one run.

    Parameters
    ----------
    stores : Stores
    run : Run
        Whose answer is read.
    published : collection of str
        Definitions that mean what they meant to the run.
    seconds : callable
        A clock that only moves on, in seconds.
    """

    def __init__(
        self, stores: Stores, run: Run, published: frozenset[str], seconds: Callable[[], float]
    ) -> None:
        self._stores = stores
        self._run = run
        self._published = published
        self._seconds = seconds
        self._files = files_of(stores.lake, run)

    def count(
        self, questions: Questions, name: str, shown: tuple[str, ...], *, within: float | None
    ) -> Count:
        """Count by one segment.

        Parameters
        ----------
        questions : Questions
            The definitions, the one in question among them.
        name : str
        shown : tuple of str
            Of which examples tell their values.
        within : float or None
            Seconds that it may take, about; None for everybody, however long it takes.
        """
        people = int(self._run.counts["people"])
        if within is None or people <= FEW:
            return self._asked(questions, name, shown, people)
        began = self._seconds()
        found = self._asked(questions, name, shown, FIRST)
        spent = self._seconds() - began
        more = int(FIRST * (within - spent) / max(spent, 0.001))
        return found if more < 2 * FIRST else self._asked(questions, name, shown, more)

    def _asked(self, questions: Questions, name: str, shown: tuple[str, ...], wanted: int) -> Count:
        people = int(self._run.counts["people"])
        source = self._source(wanted / max(people, 1))
        position = answered(self._run)
        spine = points(source.profiles(), *position)
        may = questions.permission(name)
        names = (name, may, *shown)
        library, fits = self._library(questions, names)
        found = SqlEngine(source, library).evaluate(names, spine, fits)
        sample = people if wanted >= people else spine.num_rows
        holds = found[name]
        audience = pc.and_(holds, found[may])
        inside = found.append_column("profile", spine["profile"]).filter(audience)
        return Count(
            at=position.t,
            people=people,
            sample=sample,
            holds=share(_n(holds), sample, people),
            audience=share(_n(audience), sample, people),
            examples=_examples(inside, questions.asked, shown),
        )

    def _source(self, part: float) -> PublishedSource:
        below = f"{int(part * _PREFIX):08x}" if part < 1 else ""
        offset = answered(self._run).offset
        return PublishedSource(self._stores.lake, offset, self._files, below)

    def _library(self, questions: Questions, names: tuple[str, ...]) -> tuple[Library, Fits]:
        """What answers these names, and the fits that they need."""
        if not any(_fitted(questions.asked, each, self._published) for each in names):
            return ReadingLibrary(questions.asked, self._published), Fits()
        ledger, position = self._stores.ledger, answered(self._run)
        known = fitting.stored(ledger, position.offset)
        known = fitting.adopted(ledger, questions.asked, names, known, position)
        asking = Asking(self._stores.lake, questions.asked)
        offset = position.offset
        return questions.asked, fitting.fitted(
            questions, asking, names, [position.t], lambda: offset, known
        )


def _fitted(library: Library, name: str, published: frozenset[str]) -> bool:
    """Whether a definition rests on a fitted value that was not published."""
    todo, seen = [name], set[str]()
    while todo:
        each = todo.pop()
        if each in seen or each in published:
            continue
        seen.add(each)
        for node in n.walk(library.lowered[each]):
            if isinstance(node, n.Fitted):
                return True
            if isinstance(node, n.Ref):
                todo.append(node.name)
    return False


def _n(truths: pa.ChunkedArray) -> int:
    return pc.sum(truths).as_py() or 0


def _examples(inside: pa.Table, library: Library, shown: tuple[str, ...]) -> list[dict[str, Any]]:
    some = inside.select(["profile", *shown]).slice(0, EXAMPLES)
    kinds = {name: library.type(name) for name in shown}
    rows: list[dict[str, Any]] = columns.table(some, kinds).to_pylist()
    return rows
