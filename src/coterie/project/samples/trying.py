"""Trying sample profiles: their events through the stores' own doors, asked of every engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from coterie.engines.fits import Fits
from coterie.engines.reference import Fact, Value, evaluate
from coterie.engines.sql import SqlEngine
from coterie.engines.sql.sources import TableSource
from coterie.errors import CoterieError, StoreError
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.profiles import fitting
from coterie.profiles.asking import SPINE, Asking
from coterie.profiles.questions import Questions
from coterie.profiles.timeline import History
from coterie.project import folder as folders
from coterie.project.samples.reading import Expected, Reader, Samples
from coterie.project.samples.report import Check, SampleReport
from coterie.project.samples.values import same, written
from coterie.storage.lake import Lake
from coterie.storage.log import Log

if TYPE_CHECKING:
    from coterie.project.project import Project

Point = tuple[str, int]
"""Person and instant."""

Answers = dict[Point, dict[str, Value]]


def tried(project: Project, file: Path | None, postgres: str) -> SampleReport:
    """Every check of a file; see :meth:`coterie.project.Project.test`."""
    path = project.folder / folders.SAMPLES if file is None else file
    shown = folders.SAMPLES if file is None else str(file)
    project.reload()
    questions, zone = project.questions, project.settings.tz
    samples = Reader(path, shown, questions.asked, questions.names, zone).read()
    with TemporaryDirectory(prefix="coterie-") as folder:
        answers = _Trial(samples, questions, Path(folder)).answers(postgres)
    checks = [_check(one, answers, project) for one in samples.expected]
    return SampleReport(shown, list(answers), len(samples.people), checks)


def _check(one: Expected, answers: dict[str, Answers], project: Project) -> Check:
    zone = project.settings.tz
    got = {engine: found[one.person, one.at][one.name] for engine, found in answers.items()}
    return Check(
        person=one.person,
        name=one.name,
        at=one.at,
        where=one.where,
        expected=written(one.value, one.kind, zone),
        got={engine: written(value, one.kind, zone) for engine, value in got.items()},
        passed=all(same(one.value, value) for value in got.values()),
    )


class _Trial:
    """The sample people in a lake of their own, which ends with the trial."""

    def __init__(self, samples: Samples, questions: Questions, folder: Path) -> None:
        library = questions.asked
        self.library = library
        self.points = list(dict.fromkeys((one.person, one.at) for one in samples.expected))
        self.names = tuple(dict.fromkeys(one.name for one in samples.expected))
        self.lake = Lake(folder / "lake")
        hidden = Pseudonymiser(bytes(32))  # as in the stores, no identifier is read as it was typed
        self.profile = {person: hidden.person(person) for person in samples.people}
        with Log(folder / "log.db") as log:
            log.append_events([hidden.event(event, library.plan) for event in samples.events])
            self.lake.flush(log, library.plan)
            self.offset = log.end()
        self.asking = Asking(self.lake, library)
        self.fits: Fits = fitting.fitted(
            questions, self.asking, self.names, [at for _, at in self.points],
            lambda: self.offset, Fits(samples.fits),
        )  # fmt: skip

    def answers(self, postgres: str) -> dict[str, Answers]:
        """Engine -> what it says of everybody at every instant."""
        histories = {
            profile: History(self.lake, profile, self.library.plan).facts()
            for profile in self.profile.values()
        }
        found = {"reference": self._reference(histories), "duckdb": self._duckdb()}
        if postgres:
            with _postgres(postgres) as backend:
                engine = SqlEngine(TableSource(backend, self.library.plan, histories), self.library)
                table = engine.evaluate(self.names, self._spine(), self.fits)
                found["postgres"] = self._by_point(table.to_pylist())
        return found

    def _reference(self, histories: dict[str, list[Fact]]) -> Answers:
        return {
            (person, at): evaluate(
                self.library,
                self.names,
                histories[self.profile[person]],
                self.offset,
                at,
                self.fits,
            )
            for person, at in self.points
        }

    def _duckdb(self) -> Answers:
        return self._by_point(self.asking.values(self.names, self._spine(), self.fits).to_pylist())

    def _spine(self) -> pa.Table:
        rows = [
            {"profile": self.profile[who], "offset": self.offset, "t": at}
            for who, at in self.points
        ]
        return pa.Table.from_pylist(rows, schema=SPINE)

    def _by_point(self, rows: Sequence[dict[str, Value]]) -> Answers:
        return dict(zip(self.points, rows, strict=True))


@contextmanager
def _postgres(dsn: str) -> Iterator[Any]:
    """A connection to PostgreSQL, on which only temporary tables are made.

    Raises
    ------
    CoterieError
        The package's PostgreSQL extra is not installed.
    StoreError
        The server cannot be reached.
    """
    import ibis

    try:
        import psycopg
        from psycopg.conninfo import conninfo_to_dict
    except ImportError:
        raise CoterieError(
            "PostgreSQL cannot be asked from here", hint="pip install 'coterie[postgres]'"
        ) from None
    try:
        asked = dict(conninfo_to_dict(dsn))
        asked["database"] = asked.pop("dbname", None)
        backend = ibis.postgres.connect(**asked)
    except psycopg.Error as error:
        raise StoreError(
            "PostgreSQL does not answer", where="--postgres", got=type(error).__name__,
            expected="as in postgresql://user@host/database",
        ) from None  # fmt: skip
    try:
        yield backend
    finally:
        backend.disconnect()
