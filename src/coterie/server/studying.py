"""A study that somebody asked a server for: made in a process beside it, one at a time."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Literal, NamedTuple

from coterie.errors import CoterieError
from coterie.language.time import from_micros
from coterie.project import Project

NICE = 5
"""How much a study steps back behind everything else that the machine does."""

State = Literal["none", "working", "finished", "failed"]


class Running(Exception):
    """A study is being made: one at a time."""


@dataclass(frozen=True)
class Job:
    """A study that was asked for here last: how far it is, or what became of it.

    Parameters
    ----------
    asked : mapping
        What :meth:`coterie.Project.discover` was called with.
    step : str
        What is being done, in words.
    done, total : int
        Steps; `total` is 0 until they are known.
    begun_at, ended_at : float
        Seconds of a clock that only moves on; `ended_at` is 0 while it works.
    study : str
        Its name; empty until it is kept.
    problem : CoterieError, optional
        Why it failed.
    resumed : bool
        Whether it goes on with a study that was stopped.
    """

    state: State = "none"
    asked: Mapping[str, Any] = field(default_factory=dict)
    step: str = ""
    done: int = 0
    total: int = 0
    begun_at: float = 0.0
    ended_at: float = 0.0
    study: str = ""
    problem: CoterieError | None = None
    resumed: bool = False


class Step(NamedTuple):
    """How far a study is."""

    step: str
    done: int
    total: int
    study: str


class Finished(NamedTuple):
    """The name of a study that is finished."""

    study: str


class Failed(NamedTuple):
    """Why there is no study: the parts of an error."""

    what: str
    where: str = ""
    got: str = ""
    expected: str = ""
    hint: str = ""


Told = Step | Finished | Failed


class Studying:
    """Makes studies of a project, one at a time, each in a process of its own.

    Parameters
    ----------
    project : Project
        The process opens it anew, and reads its clock once.
    seconds : callable
        A clock that only moves on, in seconds.

    Notes
    -----
    A process takes neither the interpreter nor its lock from who answers pages, and ends at once
    with the server. What it had finished by then is kept, and `resume` goes on with it.
    """

    def __init__(self, project: Project, seconds: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._now = project.folder, project.now
        self._seconds = seconds
        self._lock = Lock()
        self._process: BaseProcess | None = None
        self._job = Job()

    @property
    def job(self) -> Job:
        """The study that was asked for last."""
        return self._job

    def lasted(self, job: Job) -> float:
        """Seconds for which a job has been worked on."""
        if job.state == "none":
            return 0.0
        return (job.ended_at or self._seconds()) - job.begun_at

    def begin(self, asked: Mapping[str, Any]) -> Job:
        """Begin a study.

        Parameters
        ----------
        asked : mapping
            What :meth:`coterie.Project.discover` is called with.

        Raises
        ------
        Running
            One is being made.
        """
        return self._work(Job("working", asked))

    def resume(self, name: str) -> Job:
        """Go on with a study that was stopped, with the people that it began with.

        Parameters
        ----------
        name : str
            Of a study that is kept.

        Raises
        ------
        Running
            One is being made.
        """
        return self._work(Job("working", study=name, resumed=True))

    def _work(self, job: Job) -> Job:
        with self._lock:
            if self._job.state == "working":
                raise Running
            context = get_context("spawn")
            ours, theirs = context.Pipe(duplex=False)
            resumed = job.study if job.resumed else ""
            given = (theirs, self._folder, self._now(), dict(job.asked), resumed)
            process = context.Process(target=made, args=given, name="study", daemon=True)
            process.start()
            theirs.close()
            self._process, self._job = process, replace(job, begun_at=self._seconds())
            Thread(target=self._follow, args=(ours, process), daemon=True).start()
            return self._job

    def close(self) -> None:
        """End the study at hand; what it had finished is kept."""
        with self._lock:
            if self._process is not None:
                self._process.terminate()
                self._process.join()

    def _follow(self, telling: Connection, process: BaseProcess) -> None:
        """Note what the process tells, until it told what became of the study."""
        with telling:
            while self._job.state == "working":
                try:
                    told: Told = telling.recv()
                except (EOFError, OSError):
                    told = Failed(
                        "the study was ended before it was finished",
                        hint="go on with it where it was kept, or begin it anew",
                    )
                self._job = self._after(told)
        process.join()

    def _after(self, told: Told) -> Job:
        match told:
            case Step(step, done, total, study):
                return replace(self._job, step=step, done=done, total=total, study=study)
            case Finished(study):
                return replace(
                    self._job, state="finished", study=study, ended_at=self._seconds()
                )  # fmt: skip
            case Failed(what):
                problem = CoterieError(what, **dict(list(told._asdict().items())[1:]))
                return replace(
                    self._job, state="failed", problem=problem, ended_at=self._seconds()
                )  # fmt: skip


# --- in the process of the study ---------------------------------------------------------------


def made(
    telling: Connection, folder: Path, now: int, asked: Mapping[str, Any], resumed: str
) -> None:
    """Make a study, and tell how far it is and what became of it.

    Parameters
    ----------
    now : int
        Microseconds UTC, of the project's clock.
    resumed : str
        The study to go on with; empty for one that is begun.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked ends it
    Thread(target=_follow_parent, daemon=True).start()
    os.nice(NICE)
    with telling:
        telling.send(_made(telling, folder, now, asked, resumed))


def _made(
    telling: Connection, folder: Path, now: int, asked: Mapping[str, Any], resumed: str
) -> Told:
    try:
        with Project(folder, clock=lambda: from_micros(now)) as project:
            before = {*project.discover.studies}

            def tell(step: str, done: int, total: int) -> None:
                new = {*project.discover.studies} - before  # a terminal may have begun another
                name = new.pop() if len(new) == 1 else ""
                telling.send(Step(step, done, total, resumed or name))

            if resumed:
                return Finished(project.discover.resume(resumed, progress=tell).name)
            return Finished(project.discover(**asked, progress=tell).name)
    except CoterieError as error:
        return Failed(error.what, error.where, error.got, error.expected, error.hint)
    except Exception as error:  # noqa: BLE001 - whatever it is, who waits is told, and no value of it
        return Failed("the study could not be made", got=type(error).__name__)


def _follow_parent() -> None:
    """End with the server, however it ends."""
    above = parent_process()
    if above is not None:
        above.join()
        os._exit(1)
