"""Whom a picture describes, and when: everyone who may be used for a purpose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from coterie.errors import NoPurpose, UnknownName, nearest
from coterie.language.definitions import Stages, Trait
from coterie.language.time import from_micros
from coterie.profiles.answers import Answers
from coterie.profiles.history import POINTS
from coterie.profiles.questions import Questions
from coterie.profiles.stores import Stores

At = str | datetime | int | None
"""An instant as a caller gives it; None is that of the last run."""


class Settings(Protocol):
    """What a picture reads of a project's settings."""

    @property
    def name(self) -> str:
        """What the project is called."""

    @property
    def default_purpose(self) -> str:
        """What a picture is for, unless it is told otherwise."""

    @property
    def tz(self) -> ZoneInfo:
        """The zone whose months and days are drawn."""


class Asked(Protocol):
    """What pictures ask: a project, or whatever answers as one does."""

    @property
    def settings(self) -> Settings:
        """The default purpose and the time zone."""

    @property
    def stores(self) -> Stores:
        """Log, lake and ledger."""

    @property
    def questions(self) -> Questions:
        """The definitions, with permissions."""

    @property
    def answers(self) -> Answers:
        """A reader of the stores."""

    def instant(self, at: At) -> int | None:
        """An instant as a caller gives it, in microseconds UTC."""


class Crowd:
    """Everyone whom a picture describes: known by an instant, and to be used for a purpose then.

    Parameters
    ----------
    cdp : Asked
    at : instant, optional
        By default that of the last run, and its answer; else by what is known now.
    purpose : str, optional
        By default the project's default purpose.

    Raises
    ------
    NoPurpose
        The project declares no such purpose.
    """

    def __init__(self, cdp: Asked, at: At = None, purpose: str = "") -> None:
        self._cdp = cdp
        self._at = cdp.instant(at)
        self.purpose = purpose or cdp.settings.default_purpose
        self._may = _permission(cdp.questions, self.purpose)
        self.position = cdp.answers.position(self._at)
        self.zone = cdp.settings.tz

    def now(self, names: Sequence[str]) -> pa.Table:
        """One row a person, with ``profile`` and these definitions."""
        wanted = tuple(dict.fromkeys((*names, self._may)))
        everyone = self._cdp.answers.everyone(wanted, self._at)
        return everyone.filter(everyone[self._may]).select(["profile", *dict.fromkeys(names)])

    def values(self, names: Sequence[str]) -> pa.Table:
        """The same people without who each of them is."""
        wanted = tuple(dict.fromkeys((*names, self._may)))
        everyone = self._cdp.answers.everyone(wanted, self._at).select(wanted)
        return everyone.filter(everyone[self._may])

    def inside(self, names: Sequence[str], group: str, stage: str) -> tuple[pa.Table, int]:
        """Those of the same people who are in a segment or stage, and how many all of them are."""
        wanted = tuple(dict.fromkeys((*names, group, self._may)))
        everyone = self._cdp.answers.everyone(wanted, self._at)
        may = everyone[self._may]
        own = pc.and_(may, members(everyone, group, stage))
        return everyone.select(dict.fromkeys(names)).filter(own), pc.sum(may).as_py() or 0

    def over(
        self, names: Sequence[str], instants: Sequence[int], *, everyone: bool = False
    ) -> Iterator[tuple[int, pa.Table]]:
        """The same people at other instants, each person from when they were known.

        Parameters
        ----------
        instants : sequence of int
            Microseconds UTC.
        everyone : bool
            Whatever they allowed: for sizes.

        Yields
        ------
        int, pyarrow.Table
            An instant, and ``profile`` with these definitions at it.
        """
        people = None if everyone else self.now(())["profile"].combine_chunks()
        n_people = self.now(()).num_rows if people is None else len(people)
        several = max(1, POINTS // max(1, n_people))
        for start in range(0, len(instants), several):
            asked = list(instants[start : start + several])
            rows = self._asked(names, asked, people)
            for t in asked:
                at = pa.scalar(t, pa.timestamp("us", "UTC"))
                yield t, rows.filter(pc.equal(rows["at"], at)).drop_columns("at")

    def _asked(
        self, names: Sequence[str], instants: Sequence[int], people: pa.Array | None
    ) -> pa.Table:
        answers = self._cdp.answers
        spine = answers.spine([self.position._replace(t=t) for t in instants], None)
        if people is not None:
            spine = spine.filter(pc.is_in(spine["profile"], value_set=people))
        return answers.values(names, spine)

    def known(self, names: Sequence[str]) -> str:
        """How values at several instants are known, for the line under a title."""
        fitted = (
            "; models as they were fitted then" if self._cdp.questions.needed(tuple(names)) else ""
        )
        return f"by what is known now{fitted}"

    def local(self, at: int | None = None) -> datetime:
        """An instant as a clock of the project's zone; by default that of the picture."""
        return from_micros(self.position.t if at is None else at).astimezone(self.zone)

    def note(self, people: int) -> str:
        """Who is drawn, for the line under a title."""
        return f"{people:,} people who may be used for {self.purpose}, as of {said(self.local())}"


def said(at: datetime) -> str:
    """An instant to read: the day, and the clock where it is not midnight.

    Examples
    --------
    >>> said(datetime(2011, 12, 10)), said(datetime(2011, 12, 10, 9, 30))
    ('2011-12-10', '2011-12-10 09:30')
    """
    return f"{at:%Y-%m-%d}" if (at.hour, at.minute) == (0, 0) else f"{at:%Y-%m-%d %H:%M}"


def stages_of(cdp: Asked, name: str) -> Stages:
    """A set of stages by name.

    Raises
    ------
    UnknownName
        It is a trait or a segment.
    """
    definition = cdp.questions.library.definition(name)
    if not isinstance(definition, Stages):
        known = cdp.questions.library.stages
        raise UnknownName(f"{name!r} has no stages", hint=nearest(name, known))
    return definition


def group_of(cdp: Asked, name: str) -> tuple[str, str]:
    """A segment and no stage, or a set of stages and one of them, of a name like ``life.loyal``.

    Raises
    ------
    UnknownName
        It is a trait, or no such stage.
    """
    group, _, stage = name.partition(".")
    definition = cdp.questions.library.definition(group)
    known = definition.options if isinstance(definition, Stages) else ("",)
    if isinstance(definition, Trait) or stage not in known:
        raise UnknownName(
            f"{name!r} is no segment or stage",
            hint=nearest(name, [*cdp.questions.library.segments, *_stages(cdp.questions)]),
        )
    return group, stage


def _stages(questions: Questions) -> list[str]:
    found = []
    for name in questions.library.stages:
        definition = questions.library.definition(name)
        assert isinstance(definition, Stages)
        found += [f"{name}.{option}" for option in definition.options]
    return found


def members(rows: pa.Table, group: str, stage: str) -> pa.ChunkedArray:
    """A truth a row: whether the person is in the segment or stage."""
    return pc.equal(rows[group], stage) if stage else rows[group]


def _permission(questions: Questions, purpose: str) -> str:
    if purpose not in questions.may:
        hint = nearest(purpose, questions.may)
        raise NoPurpose(f"the project declares no purpose {purpose!r}", hint=hint)
    return questions.may[purpose]
