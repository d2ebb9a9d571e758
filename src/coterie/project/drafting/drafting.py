"""What can be done with a definition before it is in force."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from coterie.errors import DefinitionError, WrongType
from coterie.language import nodes as n
from coterie.language.codec import from_json, to_yaml
from coterie.language.data import from_data, to_data
from coterie.language.definitions import Definitions, Segment
from coterie.language.english import StageLine, people, sentence, stage_lines
from coterie.language.library import references
from coterie.profiles.estimating import Count, Counting
from coterie.project import previewing
from coterie.project.drafting import vocabulary as words
from coterie.project.drafting.draft import Draft, drafted, written_elsewhere
from coterie.project.drafting.mistakes import Mistake, conditions, mistakes, of_conditions
from coterie.project.drafting.saving import Saved, edition_of, saved
from coterie.project.permission import still_allowed
from coterie.project.previewing import PreviewReport

if TYPE_CHECKING:
    from coterie.project.project import Project

WITHIN = 0.5
"""Seconds that a count for a page may take."""

SHOWN = 4
"""Values that an example tells."""


class Part(msgspec.Struct, frozen=True):
    """One condition of a predicate: its place, and what it says."""

    path: str
    english: str


class Checked(msgspec.Struct, frozen=True):
    """What a draft says, or what is wrong with it.

    Parameters
    ----------
    english, yaml : str
        Empty while anything is wrong.
    parts : list of Part
        The conditions of a segment that can be read, each by itself.
    mistakes : list of Mistake
        Each at its place; none: it can be counted and saved.
    """

    english: str
    yaml: str
    parts: list[Part]
    mistakes: list[Mistake]


class Written(msgspec.Struct, frozen=True, omit_defaults=True):
    """A definition as it stands in a file.

    Parameters
    ----------
    definition : dict
        As plain data (:mod:`coterie.language.data`).
    where : str
        File and line.
    edition : str
        Of its file, to save over it; empty for none.
    elsewhere : str
        File and line, where it is not the builder's to save: only under another name.
    lines : list of StageLine
        Of stages and tiers, one by one.
    """

    name: str
    definition: dict[str, Any]
    english: str
    yaml: str
    where: str
    edition: str = ""
    elsewhere: str = ""
    lines: list[StageLine] = []


class Drafting:
    """Definitions that are being written: ``cdp.drafting.check("vip", data)``.

    Parameters
    ----------
    project : Project
    seconds : callable
        A clock that only moves on, in seconds.

    Notes
    -----
    Nothing is in force before :meth:`save`; until then nothing is written.
    """

    def __init__(self, project: Project, seconds: Callable[[], float] = time.monotonic) -> None:
        self._project = project
        self._seconds = seconds

    def vocabulary(self) -> words.Vocabulary:
        """All that a condition may speak of."""
        self._project.reload()
        return words.vocabulary(self._project.library, self._project.settings.zone)

    def values(self, trait: str = "", event: str = "", name: str = "") -> list[words.KnownValue]:
        """Texts that a trait, or a property of an event, is known to have."""
        if trait:
            return words.of_trait(self._project, trait)
        return words.of_property(self._project, event, name)

    def opened(self, name: str) -> Written:
        """A definition as it stands in the project's files.

        Raises
        ------
        UnknownName
            None has this name.
        """
        self._project.reload()
        library = self._project.library
        definition = library.definition(name)
        there = self._project.questions.definitions
        return Written(
            name=name,
            definition=to_data(definition),
            english=sentence(name, definition),
            yaml=to_yaml(Definitions({name: definition})),
            where=library.where(name),
            edition=edition_of(self._project, name),
            elsewhere=written_elsewhere(there, name),
            lines=stage_lines(definition),
        )

    def check(self, name: str, data: Any) -> Checked:
        """What a draft says in English and YAML, or all that is wrong with it."""
        self._project.reload()
        try:
            draft = drafted(self._project, name, data)
        except DefinitionError as error:
            found = self._conditions(name, data) or mistakes(error, name)
            return Checked("", "", _parts(data), _once([*found, *_of_name(error, name)]))
        said = sentence(name, draft.definition)
        return Checked(said, to_yaml(Definitions({name: draft.definition})), _parts(data), [])

    def count(self, name: str, data: Any, *, everybody: bool = False) -> Count:
        """How many people a segment would hold at the last run's instant.

        Parameters
        ----------
        everybody : bool
            Count all, however long it takes; else a sample where all would take long.

        Raises
        ------
        DefinitionErrors
            It means nothing yet.
        WrongType
            It is no segment.
        """
        draft = self._segment(name, data)
        run = self._project.answers.last_run()
        counting = Counting(self._project.stores, run, self._published(draft), self._seconds)
        library = draft.project.library
        shown = [each for each in sorted(references(draft.definition)) if each in library]
        found = counting.count(
            draft.project.questions, name, tuple(shown[:SHOWN]),
            within=None if everybody else WITHIN,
        )  # fmt: skip
        return msgspec.structs.replace(found, examples=self._shown(draft, found))

    def _shown(self, draft: Draft, found: Count) -> list[dict[str, Any]]:
        """The examples who may be used still."""
        if not found.examples:
            return []
        people = pa.array([each["profile"] for each in found.examples], pa.string())
        purpose = draft.project.library.purpose(draft.name)
        may = still_allowed(self._project, people, purpose, found.at).to_pylist()
        return [each for each, allowed in zip(found.examples, may, strict=True) if allowed]

    def preview(self, name: str, data: Any, most: int | None = None) -> PreviewReport:
        """Who would enter and leave, this segment and those that rest on it, by the draft alone.

        Parameters
        ----------
        most : int, optional
            How many are named of each entrance and exit; by default all are.
        """
        self._project.reload()
        return previewing.preview(drafted(self._project, name, data).project, most)

    def save(
        self, name: str, data: Any, *, note: str = "", author: str = "", edition: str = ""
    ) -> Saved:
        """Write a draft as a file of the project, with who saved it and why.

        Raises
        ------
        DefinitionErrors
            It means nothing, or its name is taken by another file.
        Moved
            The file is another than that of the edition.
        """
        self._project.reload()
        draft = drafted(self._project, name, data)
        return saved(self._project, draft, note, author, edition)

    def _segment(self, name: str, data: Any) -> Draft:
        self._project.reload()
        draft = drafted(self._project, name, data)
        if not isinstance(draft.definition, Segment):
            raise WrongType("only the people of a segment are counted", where=name)
        return draft

    def _conditions(self, name: str, data: Any) -> list[Mistake]:
        predicate = data.get("predicate") if isinstance(data, dict) else None
        if predicate is None:
            return []
        return [*of_conditions(predicate, "predicate", self._project.library.scope)]

    def _published(self, draft: Draft) -> frozenset[str]:
        """Definitions that mean to the draft what they meant to the last run."""
        run = self._project.answers.last_run()
        kept = self._project.stores.ledger.definitions(run.definitions_hash)
        if kept is None:
            return frozenset()
        then, now = from_json(kept.json).by_name, draft.project.questions.definitions.by_name
        same: set[str] = set()
        for each in draft.project.library.order:
            if then.get(each) == now[each] and references(now[each]) <= same:
                same.add(each)
        return frozenset(same)


def _once(found: list[Mistake]) -> list[Mistake]:
    return [*dict.fromkeys(found)]


def _of_name(error: DefinitionError, name: str) -> list[Mistake]:
    """What is wrong with the name, whatever else is."""
    return [each for each in mistakes(error, name) if each.path == "name"]


def _parts(data: Any) -> list[Part]:
    """The conditions that can be read, in English."""
    predicate = data.get("predicate") if isinstance(data, dict) else None
    found = []
    for path, condition in conditions(predicate, "predicate") if predicate else ():
        try:
            said = people(from_data(condition, n.Expr, path))
        except (DefinitionError, RecursionError):
            continue
        found.append(Part(path, said))
    return found
