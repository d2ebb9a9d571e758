"""Candidates as they are finished, so that a study that was stopped goes on where it stood."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from coterie.discover.candidates import Candidate
from coterie.discover.keeping.record import Divided, candidate_of, decode, divided, encode
from coterie.errors import StoreError


class Checkpoints:
    """Finished candidates in a folder, a file each, by a key that says all they depend on.

    Parameters
    ----------
    folder : Path
        Made with the first of them; where it is gone with its study, nothing can be saved.

    Notes
    -----
    Clusters are kept by the position of people, and no pseudonym is: whatever takes people out of
    the study has to delete the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, key: str) -> Candidate | None:
        """The candidate saved under a key; None where there is none."""
        path = self._path(key)
        if not path.is_file():
            return None
        with np.load(path, allow_pickle=False) as file:
            return candidate_of(decode(file["record"].tobytes(), Divided), file["labels"])

    def save(self, key: str, candidate: Candidate) -> None:
        """Keep a candidate.

        Raises
        ------
        StoreError
            The study was deleted meanwhile.
        """
        if not self._folder.parent.is_dir():
            raise StoreError(
                "the study was deleted while it ran: somebody in it was erased",
                where=self._folder.parent.name, hint="begin it anew",
            )  # fmt: skip
        self._folder.mkdir(exist_ok=True)
        path = self._path(key)
        unfinished = path.with_suffix(".unfinished")
        record = np.frombuffer(encode(divided(candidate)), dtype=np.uint8)
        with unfinished.open("wb") as file:
            np.savez_compressed(file, record=record, labels=candidate.labels)
        unfinished.replace(path)

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npz"
