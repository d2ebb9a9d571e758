"""One person at a time: found by any of their ids, described, explained, erased."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from coterie.collect.values import whole
from coterie.discover.keeping import erasing as studies
from coterie.engines.reference import Evaluation
from coterie.errors import UnknownPerson
from coterie.language.definitions import Stages
from coterie.language.values import plain
from coterie.privacy.erase import Report, erase
from coterie.profiles.flushing import flush
from coterie.profiles.live.snapshots import forget
from coterie.profiles.restoring import check
from coterie.profiles.timeline import History
from coterie.profiles.why import Explanation, explain
from coterie.project import folder as folders
from coterie.project.receiving import drained
from coterie.project.reports import Membership, ProfileReport
from coterie.storage.identities import Identities

if TYPE_CHECKING:
    from coterie.project.project import Project

_PSEUDONYM = re.compile(r"[0-9a-f]{32}")


class People:
    """The people of a project, one at a time.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    def known(self, said: str) -> str:
        """The profile of a raw id, a device's id or a pseudonym.

        Raises
        ------
        UnknownPerson
            Nobody is known by it.
        """
        return self._found(said)[0]

    def _found(self, said: str) -> tuple[str, History]:
        check(self._project.stores)
        for candidate in dict.fromkeys(self._candidates(said)):
            history = History(self._project.stores.lake, candidate, self._project.plan)
            if len(history):
                return candidate, history
        raise UnknownPerson(
            "nobody is known by this id", expected="a raw id as imported, or a pseudonym",
            hint="is it this project (-p), and was the file imported?",
        )  # fmt: skip

    def _candidates(self, said: str) -> Iterator[str]:
        pseudonymiser = self._project.pseudonymiser
        for raw in (said, whole(said)):
            yield pseudonymiser.person(raw)
            yield from self._with_device(pseudonymiser.anonymous(raw))
        if _PSEUDONYM.fullmatch(said):
            yield from self._with_device(said)

    def _with_device(self, pseudonym: str) -> Iterator[str]:
        """The user whom a device was first identified with, then the pseudonym itself."""
        lake = self._project.stores.lake
        with lake.connect() as con:
            links = Identities(lake.folder).links(con, lake.offset())
            if links is not None:
                users = con.table(links).filter(f"anonymous = '{pseudonym}'")  # hexadecimal digits
                yield from (user for (user,) in users.select("user").fetchall())
        yield pseudonym

    def report(self, said: str, at: int | None, n_events: int) -> ProfileReport:
        """Everything about a person at an instant."""
        answers, questions = self._project.answers, self._project.questions
        position = answers.position(at)
        profile, history = self._found(said)
        names = questions.names
        fits = answers.fits(names, [position.t], position.offset)
        person = answers.one(history, position, fits)
        seen = history.seen(position)
        library = questions.asked
        return ProfileReport(
            profile=profile,
            at=position.t,
            offset=position.offset,
            traits={n: plain(person.named(n), library.type(n)) for n in questions.library.traits},
            segments=[m for m in self._memberships(person) if not m.stage],
            stages=[m for m in self._memberships(person) if m.stage],
            permissions={p: person.named(n) is True for p, n in questions.may.items()},
            timeline=seen[: -n_events - 1 : -1],
            n_events=len(seen),
            fitted_for_this=answers.fitted_for_this_answer(names, position, fits),
        )

    def _memberships(self, person: Evaluation) -> Iterator[Membership]:
        questions = self._project.questions
        library = questions.library
        for name in questions.groups:
            value = person.named(name)
            if value is False:
                continue
            stage = str(value) if isinstance(library.definition(name), Stages) else ""
            may = person.named(questions.permission(name)) is True
            yield Membership(name, library.purpose(name), may, stage)

    def why(self, said: str, name: str, at: int | None) -> Explanation:
        """Why a definition is what it is for a person."""
        answers, questions = self._project.answers, self._project.questions
        group = name.partition(".")[0]
        if group not in questions.may.values():
            questions.library.definition(group)
        position = answers.position(at)
        history = self._found(said)[1]
        fits = answers.fits((group,), [position.t], position.offset)
        return explain(questions.asked, name, history.facts(), *position, fits)

    def erase(self, said: str) -> Report:
        """Delete a person from every store, and scan what is left."""
        project = self._project
        with project.writing() as stores:
            check(stores)
            new = drained(project, stores, whole=True)
            if new or stores.log.end() > stores.lake.offset():  # a stream's lake lags behind
                flush(stores, project.plan)
            profile = self.known(said)
            forget(project.folder / folders.DATA / folders.SNAPSHOTS)
            return erase(
                *stores,
                project.plan,
                [profile],
                at=project.now(),
                raw=[] if said == profile else [said],
                pseudonymiser=project.pseudonymiser,
                folder=stores.log.path.parent,
                others=[
                    partial(studies.forget, project.folder / folders.DATA / folders.STUDIES),
                    project.destinations.forget,
                ],
            )
