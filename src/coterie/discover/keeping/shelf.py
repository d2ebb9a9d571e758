"""The studies of a project: a folder each, named in the order in which they were begun."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from coterie.discover.crowd import Crowd
from coterie.discover.keeping import people
from coterie.discover.keeping.checkpoints import Checkpoints
from coterie.discover.keeping.decisions import DECISIONS, Decision, add, read
from coterie.discover.keeping.erasing import PEOPLE, STUDY, write
from coterie.discover.keeping.record import Begun, Finished, decode, encode
from coterie.discover.prepared import Prepared
from coterie.errors import CoterieError, StoreError, nearest

BEGUN, CANDIDATES = "begun.json", "candidates"
_NAME = re.compile(r"study-([1-9]\d*)")


class Shelf:
    """Studies that are kept.

    Parameters
    ----------
    folder : Path
        Such as ``data/studies`` of a project; made with the first study.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def names(self) -> list[str]:
        """Every study that can be opened, oldest first."""
        return [f"study-{number}" for number in sorted(self._numbers(BEGUN))]

    def _numbers(self, file: str = "") -> Iterator[int]:
        for path in self.folder.glob("study-*"):
            found = _NAME.fullmatch(path.name)
            if found and (path / file).exists():
                yield int(found[1])

    def begin(self, crowd: Crowd, asked: Mapping[str, Any], made_at: int) -> Kept:
        """A new folder with what is asked, and of whom.

        Parameters
        ----------
        made_at : int
            Microseconds UTC.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        name = self._made()
        begun = Begun(
            name=name, made_at=made_at, at=crowd.at, offset=crowd.offset, purpose=crowd.purpose,
            columns=crowd.columns, asked=dict(asked), notes=crowd.notes,
        )  # fmt: skip
        kept = Kept(self.folder / name)
        write(people.crowd_table(crowd), kept.folder / PEOPLE)
        _write(kept.folder / BEGUN, encode(begun))
        return kept

    def _made(self) -> str:
        """The name of a folder that was made for it; no other process has the same."""
        number = max(self._numbers(), default=0)
        while True:
            number += 1
            try:
                (self.folder / f"study-{number}").mkdir()
            except FileExistsError:
                continue
            return f"study-{number}"

    def open(self, name: str) -> Kept:
        """The study of this name.

        Raises
        ------
        CoterieError
            There is none.
        """
        if name not in self.names:
            raise CoterieError(
                "there is no such study", got=repr(name), hint=nearest(name, self.names)
            )
        return Kept(self.folder / name)


class Kept:
    """One study's folder.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        """Such as ``study-7``."""
        return self.folder.name

    @property
    def begun(self) -> Begun:
        """What was asked, and of whom."""
        found: Begun = self._read(BEGUN, Begun)
        return found

    @property
    def finished(self) -> Finished | None:
        """What came of it; None where it was stopped."""
        return self._read(STUDY, Finished) if (self.folder / STUDY).is_file() else None

    @property
    def n_people(self) -> int:
        """How many it is about."""
        return int(self._sure(PEOPLE, lambda: pq.read_metadata(self.folder / PEOPLE).num_rows))

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What people decided about it, the first decision first."""
        found: tuple[Decision, ...] = self._sure(DECISIONS, lambda: read(self.folder))
        return found

    def decide(self, decision: Decision) -> None:
        """Keep a decision about it; the former ones stay."""
        self._sure(DECISIONS, lambda: add(self.folder, decision))

    @property
    def checkpoints(self) -> Checkpoints:
        """The candidates of a study that is not finished."""
        return Checkpoints(self.folder / CANDIDATES)

    def crowd(self) -> Crowd:
        """Its people, but for those who were erased since."""
        return people.crowd_of(self._people(), self.begun)

    def work(self) -> people.Work:
        """What a finished study made of its people."""
        return people.work_of(self._people(), self.begun.columns)

    def finish(
        self,
        record: Finished,
        crowd: Crowd,
        prepared: Prepared,
        labels: Mapping[str, people.Labels],
        chosen: str,
    ) -> None:
        """Keep what came of it, and drop the checkpoints.

        Raises
        ------
        StoreError
            The study was deleted meanwhile, because somebody in it was erased.
        """
        if not (self.folder / PEOPLE).is_file():
            raise StoreError(
                "the study was deleted while it ran: somebody in it was erased",
                where=self.name, hint="begin it anew",
            )  # fmt: skip
        table = people.with_work(people.crowd_table(crowd), crowd, prepared, labels, chosen)
        write(table, self.folder / PEOPLE)
        _write(self.folder / STUDY, encode(record))
        shutil.rmtree(self.folder / CANDIDATES, ignore_errors=True)

    def _people(self) -> pa.Table:
        return self._sure(PEOPLE, lambda: pq.read_table(self.folder / PEOPLE))

    def _read(self, file: str, kind: type[Any]) -> Any:
        return self._sure(file, lambda: decode((self.folder / file).read_bytes(), kind))

    def _sure(self, file: str, work: Callable[[], Any]) -> Any:
        """What is read of a file, or that it is damaged."""
        try:
            return work()
        except (msgspec.DecodeError, pa.ArrowException, OSError) as error:
            raise StoreError(
                "a kept study cannot be read", where=f"{self.name}/{file}",
                got=type(error).__name__, hint="delete its folder, and study anew",
            ) from error  # fmt: skip


def _write(path: Path, raw: bytes) -> None:
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_bytes(raw)
    unfinished.replace(path)
