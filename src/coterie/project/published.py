"""A project as its last answer has it: pictures and pages of it compute nobody anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from coterie.errors import ProjectError
from coterie.language.english import sentence
from coterie.language.library import Library
from coterie.profiles.answers import Answers
from coterie.profiles.counting import Group, groups
from coterie.profiles.everybody import Everybody
from coterie.profiles.live.terms import Terms
from coterie.profiles.questions import Questions
from coterie.profiles.state import files_of
from coterie.profiles.stores import Stores, answered
from coterie.profiles.tally import Tally
from coterie.storage.ledger import Run

if TYPE_CHECKING:
    from coterie.project.opened import At, Opened
    from coterie.project.settings import Settings

Found = TypeVar("Found")
Key = tuple[int, str, tuple[str, ...]]
MOST = 1_000
"""Answers to questions that are remembered."""


class Worked(NamedTuple):
    """What one reader of an answer has worked out, for another in the same process.

    Parameters
    ----------
    key : Key
        Of the answer.
    told, columns, counts : mapping
        Answers to questions, what :class:`coterie.profiles.everybody.Everybody` keeps, and what
        :class:`coterie.profiles.tally.Tally` counted. None of it ever changes.
    """

    key: Key
    told: Mapping[Any, Any]
    columns: Mapping[Any, Any]
    counts: Mapping[Any, Any]

    def beyond(self, former: Worked) -> Worked:
        """What was not worked out before."""
        pairs = zip(self[1:], former[1:], strict=True)
        return Worked(
            self.key, *({k: new[k] for k in new.keys() - old.keys()} for new, old in pairs)
        )


class Published:
    """The last run's answer by the definitions that it had; what `coterie.pictures` asks.

    Parameters
    ----------
    project : Opened

    Attributes
    ----------
    tally : Tally
        Of the change records, those included that came since.

    Notes
    -----
    A project computes everybody anew where its definitions were edited since the last run; this
    one goes on telling what was answered, until something new is. One thread asks it.
    """

    def __init__(self, project: Opened) -> None:
        self._project = project
        self._known: tuple[Key, Run, Answers] | None = None
        self._told: dict[tuple[object, ...], object] = {}
        self._steady = self._looked = False
        self.tally = Tally()

    @property
    def settings(self) -> Settings:
        """Those of the project."""
        return self._project.settings

    @property
    def stores(self) -> Stores:
        """Those of the project."""
        return self._project.stores

    @property
    def run(self) -> Run:
        """The last run.

        Raises
        ------
        ProjectError
            There is none yet.
        """
        return self._now()[1]

    @property
    def key(self) -> Key:
        """What is another as soon as another answer is published, or somebody erased."""
        return self._now()[0]

    @property
    def answers(self) -> Answers:
        """A reader of the last run's answer, by its own definitions."""
        return self._now()[2]

    @property
    def questions(self) -> Questions:
        """The definitions that the last run had."""
        _ = self._now()
        return self._questions

    @property
    def library(self) -> Library:
        """The definitions themselves."""
        return self.questions.library

    @property
    def everybody(self) -> Everybody:
        """The last run's answer in columns."""
        _ = self._now()
        return self._everybody

    @contextmanager
    def steady(self) -> Iterator[None]:
        """While this lasts nobody looks whether another answer was published: one is told of.

        To look takes a third of a millisecond, and a page would do it a hundred times.
        """
        former, self._steady = self._steady, True
        try:
            yield
        finally:
            self._steady = former
            self._looked = self._looked and former

    def instant(self, at: At) -> int | None:
        """An instant as a caller gives it, in microseconds UTC."""
        return self._project.instant(at)

    def groups(self) -> list[Group]:
        """Every segment and set of stages with its sizes in the last run's answer."""
        return self.remembered(("groups",), self._groups)

    def remembered(self, question: tuple[object, ...], answer: Callable[[], Found]) -> Found:
        """An answer that is computed once for each answer of everybody that is published."""
        asked = (self.key, *question)
        if asked not in self._told:
            self._told = {known: found for known, found in self._told.items()
                          if known[0] == asked[0]}  # fmt: skip
            while len(self._told) >= MOST:
                del self._told[next(iter(self._told))]
            self._told[asked] = answer()
        return self._told[asked]  # type: ignore[return-value]

    @property
    def worked(self) -> Worked:
        """What is known by now beside the answer itself."""
        return Worked(self.key, {**self._told}, self.everybody.held, self.tally.held)

    def take(self, worked: Worked) -> None:
        """Know what another reader has worked out, unless it was of another answer."""
        if worked.key == self.key:
            self._told |= worked.told
            self.everybody.take(worked.columns)
            self.tally.take(worked.counts)

    def _groups(self) -> list[Group]:
        questions = self.questions
        names = questions.groups
        needed = dict.fromkeys((*names, *(questions.permission(name) for name in names)))
        everyone = self.answers.everyone(tuple(needed), None)
        library = questions.library
        said = {name: sentence(name, library.definition(name)) for name in names}
        return groups(questions, names, everyone, said)

    def _now(self) -> tuple[Key, Run, Answers]:
        if self._looked and self._known is not None:
            return self._known
        run = self.stores.ledger.last_run()
        if run is None:
            raise ProjectError("nothing has been computed yet", hint="type: coterie run")
        key = (run.offset, run.definitions_hash, files_of(self.stores.lake, run))
        if self._known is None or self._known[0] != key:
            self._project.reload()  # the plan may have grown with the definitions
            self._questions = self._recorded(run)
            kind = self._questions.asked.type
            self._everybody = Everybody(self.stores.lake, run, kind)
            answers = Answers(self.stores, self._questions, self._everybody)
            self._known = key, run, answers
        self._looked = self._steady
        return self._known

    def _recorded(self, run: Run) -> Questions:
        project = self._project
        terms = Terms(project.plan, project.settings.bases, project.settings.default_purpose)
        return terms.recorded(self.stores.ledger, run.definitions_hash)

    @property
    def clock(self) -> int:
        """The instant that the last answer is true for, microseconds UTC."""
        return answered(self.run).t
