"""Snapshots of the stream's state: checked when read, set aside when they cannot be trusted."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from coterie.engines.held import Held
from coterie.storage.durable import sync
from coterie.storage.outbox import Mark

FORMAT = 1
"""What this version writes; any other is set aside."""

KEEP = 2
"""How many snapshots are kept: the newest, and one to fall back on."""

SUFFIX, ASIDE = ".snap", ".aside"


_STRIDE = 4 * 2**20
"""Bytes that are written between two syncs."""


class Header(Mark, frozen=True, kw_only=True):
    """The first line of a snapshot: where the state belongs, and what its bytes hash to.

    Parameters
    ----------
    format : int
    owner : str
        Whose state it is: the fingerprint of the project's key.
    meaning : str
        A hash of all that the engine was asked (:func:`coterie.profiles.live.terms.meaning`).
    sizes : dict of str to int
        Of the state (:meth:`coterie.engines.stream.StreamEngine.sizes`).
    held : list of Held
        What each distinct aggregate takes of it.
    checksum : str
        BLAKE2b of the state, hexadecimal.
    """

    format: int
    owner: str
    meaning: str
    sizes: dict[str, int]
    checksum: str
    held: list[Held] = msgspec.field(default_factory=list)


class Snapshots:
    """The snapshots of one project.

    Parameters
    ----------
    folder : Path
        Made at the first one.
    owner : str
        The fingerprint of the project's key: a state of another project is never taken up.
    """

    def __init__(self, folder: Path, owner: str) -> None:
        self.folder = folder
        self._owner = owner

    def save(
        self,
        mark: Mark,
        meaning: str,
        sizes: dict[str, int],
        state: bytes | Sequence[bytes | memoryview],
        held: Sequence[Held] = (),
    ) -> Path:
        """Keep a state durably, and delete all but the newest few.

        It is complete before it has its name, so a killed process leaves no half of one.
        """
        pieces = [state] if isinstance(state, bytes) else state
        header = Header(
            **msgspec.structs.asdict(mark), format=FORMAT, owner=self._owner, meaning=meaning,
            sizes=sizes, held=list(held), checksum=_hash(pieces),
        )  # fmt: skip
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / "unfinished"
        with unfinished.open("wb") as file:
            file.write(msgspec.json.encode(header) + b"\n")
            _write(file, pieces)
            file.flush()
            os.fsync(file.fileno())
        path = self.folder / f"{mark.offset}{SUFFIX}"
        unfinished.replace(path)
        sync(path)
        for old in self._newest_first()[KEEP:]:
            old.unlink()
        return path

    def good(self, upto: int) -> Iterator[tuple[Header, bytes]]:
        """The states that can be trusted, newest first; others are set aside as they are met.

        Parameters
        ----------
        upto : int
            The offset that was committed last: a state beyond it is of another ledger.
        """
        for path in self._newest_first():
            found = self._read(path, upto)
            if found is None:
                self.set_aside(path)
            else:
                yield found

    def newest(self) -> Header | None:
        """What the newest snapshot says of itself, unchecked; None for no snapshot."""
        for path in self._newest_first():
            with path.open("rb") as file, suppress(msgspec.DecodeError):
                return msgspec.json.decode(file.readline(), type=Header)
        return None

    def set_aside(self, path: Path) -> None:
        """Rename a snapshot so that nobody reads it again, and it can be looked at."""
        path.replace(path.with_suffix(ASIDE))

    def path(self, mark: Mark) -> Path:
        """Where the snapshot of a position is."""
        return self.folder / f"{mark.offset}{SUFFIX}"

    def forget(self) -> None:
        """Delete every snapshot, those set aside as well: somebody was erased."""
        forget(self.folder)

    def _newest_first(self) -> list[Path]:
        paths = [path for path in self.folder.glob(f"*{SUFFIX}") if path.stem.isdigit()]
        return sorted(paths, key=lambda path: int(path.stem), reverse=True)

    def _read(self, path: Path, upto: int) -> tuple[Header, bytes] | None:
        first, _, state = path.read_bytes().partition(b"\n")
        try:
            header = msgspec.json.decode(first, type=Header)
        except msgspec.DecodeError:
            return None
        said, expected = (header.format, header.owner), (FORMAT, self._owner)
        if said != expected or header.checksum != _hash([state]) or header.offset > upto:
            return None
        return header, state


def forget(folder: Path) -> None:
    """Delete every snapshot below a folder."""
    for path in folder.glob("*") if folder.is_dir() else ():
        path.unlink()


def _write(file: BinaryIO, pieces: Sequence[bytes | memoryview]) -> None:
    """Write pieces, a little at a time: whoever else syncs a file waits for what was not yet."""
    unsynced = 0
    for piece in pieces:
        view = memoryview(piece)
        for start in range(0, len(view), _STRIDE):
            unsynced += file.write(view[start : start + _STRIDE])
            if unsynced >= _STRIDE:
                file.flush()
                os.fsync(file.fileno())
                unsynced = 0


def _hash(pieces: Sequence[bytes | memoryview]) -> str:
    whole = hashlib.blake2b(digest_size=16)
    for piece in pieces:
        whole.update(piece)
    return whole.hexdigest()
