"""What a project is made of: its settings, plan, definitions, key and stores, opened when asked."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from coterie.collect.quarantine import Quarantine
from coterie.errors import DefinitionErrors, ProjectError
from coterie.language.definitions import Definitions
from coterie.language.library import Library
from coterie.language.load import load
from coterie.language.plan import TrackingPlan
from coterie.language.planfile import PlanStore
from coterie.language.time import DAY, micros
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.profiles.answers import Answers
from coterie.profiles.questions import Questions
from coterie.profiles.restoring import check
from coterie.profiles.stores import Stores
from coterie.project import folder as folders
from coterie.project import instants
from coterie.project.freshness import Sources as Heard
from coterie.project.lock import writing
from coterie.project.settings import FILE, Settings, load_settings
from coterie.project.sources import Sources
from coterie.project.stores import identity, open_stores, same
from coterie.project.tokens import ApiTokens
from coterie.storage import durable

if TYPE_CHECKING:
    from coterie.project.persons import Persons
    from coterie.project.planning import Planning
    from coterie.project.published import Published

Now = Callable[[], datetime]
At = str | datetime | int | None
"""An instant as a caller gives it: ISO 8601 text or a datetime (in the project's zone where it
names none), microseconds UTC, or None for the last run's."""


def now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


class Opened:
    """A project's folder with its stores; a context manager.

    Parameters
    ----------
    folder : Path
        With a ``coterie.toml`` in it.
    clock : callable
        The instant now, for what is received and for ``run(until="now")``.
    """

    def __init__(self, folder: Path, clock: Now = now) -> None:
        self.folder = folder
        self.settings: Settings = load_settings(folder / FILE)
        self._clock = clock
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def again(self) -> Self:
        """The same project opened once more, for another thread; by the same clock."""
        return type(self)(self.folder, self._clock)

    def close(self) -> None:
        """Close the stores; the next question opens them again."""
        self._open.close()
        self._forget("_stores", "_answers", "people")

    def __repr__(self) -> str:
        return f"<project {self.settings.name!r}>"

    @property
    def stores(self) -> Stores:
        """Log, lake and ledger; those that were opened first, or an error where they are gone."""
        known: tuple[Stores, tuple[int, int]] | None = self.__dict__.get("_stores")
        if known is None:
            horizon = self.settings.collect.horizon_days * DAY
            found = open_stores(self.folder, self._open, self.settings.memory, horizon)
            known = self.__dict__["_stores"] = (found, identity(self.folder))
        same(self.folder, known[1])
        return known[0]

    @cached_property
    def pseudonymiser(self) -> Pseudonymiser:
        """What turns raw identifiers into pseudonyms.

        Raises
        ------
        ProjectError
            The key is missing, damaged, or not the one that this project's people have theirs by.
        """
        found = Pseudonymiser.load(self.folder / folders.KEY)
        check = self.folder / folders.KEY_CHECK
        if check.is_file() and check.read_text("utf-8").strip() != found.fingerprint:
            raise ProjectError(
                "this key belongs to another project: nobody would be found by it",
                where=folders.KEY,
                hint="restore this project's own key from a backup",
            )
        return found

    @cached_property
    def plans(self) -> PlanStore:
        """The tracking plan's files."""
        return PlanStore(self.folder / folders.PLANS)

    @cached_property
    def plan(self) -> TrackingPlan:
        """The tracking plan."""
        return self.plans.load()

    @cached_property
    def library(self) -> Library:
        """The definitions, checked against the plan.

        Raises
        ------
        DefinitionErrors
            With every error of every definition.
        ProjectError
            They speak of events, and the tracking plan holds none yet.
        """
        settings = self.settings
        try:
            return Library(load(self.folder), self.plan, settings.bases, settings.default_purpose)
        except DefinitionErrors:
            if self.plan.events:
                raise
        raise ProjectError(
            "the tracking plan is empty, so no definition can be checked; nothing was run",
            where=folders.PLANS, hint="type: coterie import FILE",
        )  # fmt: skip

    @cached_property
    def questions(self) -> Questions:
        """The definitions, with permissions and what models learn from."""
        return Questions(self.library)

    @property
    def answers(self) -> Answers:
        """A reader of the stores as they are; what it remembers ends with the next log entry.

        Raises
        ------
        StoreError
            The lake lacks what the last run wrote.
        """
        stores = self.stores
        end = stores.log.end()
        known: tuple[int, Answers] | None = self.__dict__.get("_answers")
        if known is None or known[0] != end or not stores.lake.folder.is_dir():
            check(stores)
            known = self.__dict__["_answers"] = (end, Answers(stores, self.questions))
        return known[1]

    @cached_property
    def published(self) -> Published:
        """The last run's answer as it is, whatever the definitions have become since."""
        from coterie.project.published import Published

        return Published(self)

    @property
    def quarantine(self) -> Quarantine:
        """Rows that could not become events."""
        return Quarantine(self.stores.ledger, self.pseudonymiser)

    @property
    def planning(self) -> Planning:
        """The tracking plan over time: ``cdp.planning.check()``, ``.violations()``."""
        from coterie.project.planning import Planning

        return Planning(self)

    @cached_property
    def persons(self) -> Persons:
        """One person at a time as current as the log, for pages: at any instant, with reasons."""
        from coterie.project.persons import Persons

        return Persons(self)

    @property
    def sources(self) -> Sources:
        """Who may send events, by which write keys."""
        return Sources(self)

    @cached_property
    def heard(self) -> Heard:
        """When each source was heard of; what it has looked at it remembers."""
        return Heard()

    @property
    def tokens(self) -> ApiTokens:
        """Who may ask the API from another machine, by which tokens."""
        return ApiTokens(self)

    def _forget(self, *names: str) -> None:
        for name in names:
            self.__dict__.pop(name, None)

    @contextmanager
    def writing(self) -> Iterator[Stores]:
        """The stores, while nobody else may change them."""
        stores = self.stores
        with writing(self.folder / folders.DATA / ".lock"):
            self._key()
            self._tidy()
            try:
                yield stores
                _ = self.stores  # what was written to a file that is gone meanwhile is lost
            finally:
                self.reload()

    def _key(self) -> None:
        """See that a project that has met nobody has a key, and remember which one it is."""
        if self.stores.log.end() == 0 and not self.stores.ledger.imports():
            Pseudonymiser.load(self.folder / folders.KEY, create=True)
        check = self.folder / folders.KEY_CHECK
        if not check.exists():
            durable.write(check, f"{self.pseudonymiser.fingerprint}\n".encode())

    def _tidy(self) -> None:
        """Delete the rows that an import left in its scratch folder when it was killed."""
        for left in (self.folder / folders.DATA / "scratch").glob("import-*"):
            shutil.rmtree(left, ignore_errors=True)

    def reload(self) -> None:
        """Read plan and definitions anew when they are next asked for; whatever writes does so."""
        self._forget("plan", "library", "questions", "_answers", "people")

    def supposing(self, definitions: Definitions) -> Self:
        """The same project as if these were its definitions; it shares the stores of this one.

        Raises
        ------
        DefinitionErrors
            With every error of every definition.
        """
        settings, supposed = self.settings, copy(self)
        supposed._forget("library", "questions", "_answers", "people")
        supposed.__dict__["library"] = Library(
            definitions, self.plan, settings.bases, settings.default_purpose
        )
        return supposed

    def now(self) -> int:
        """Now, in microseconds UTC."""
        return micros(self._clock())

    def instant(self, at: At) -> int | None:
        """An instant as a caller gives it, in microseconds UTC."""
        return None if at is None else instants.parse(at, self.settings.tz)
