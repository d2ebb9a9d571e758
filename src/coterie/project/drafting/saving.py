"""A draft as a file of the project, with who saved it and why at its head."""

from __future__ import annotations

import hashlib
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from coterie.errors import DefinitionError
from coterie.language.codec import to_yaml
from coterie.language.definitions import Definitions
from coterie.language.differences import Difference, differences
from coterie.language.time import iso
from coterie.project.drafting.draft import Draft, file_of
from coterie.storage import durable
from coterie.storage.notes import Notes

if TYPE_CHECKING:
    from coterie.project.project import Project

LONGEST = 2_000
"""Characters of a note."""


class Saved(msgspec.Struct, frozen=True):
    """What was written.

    Parameters
    ----------
    file : str
        Below the project's folder.
    edition : str
        Of the file now, to save over it again.
    difference : Difference or None
        From what stood there before; None where nothing is said differently.
    """

    file: str
    edition: str
    difference: Difference | None


class Moved(DefinitionError):
    """The file is another than the one that was opened."""

    code = "definition.edited"


def edition_of(project: Project, name: str) -> str:
    """What tells a state of a definition's file from another; empty where there is none."""
    path = project.folder / file_of(name)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else ""


def saved(project: Project, draft: Draft, note: str, author: str, edition: str) -> Saved:
    """Write a draft; the run or stream that comes next brings it into force.

    Parameters
    ----------
    note, author : str
        Why, and who: kept at the head of the file, and with the version that it makes.
    edition : str
        That of the file when it was opened.

    Raises
    ------
    Moved
        Somebody else saved or edited the file since then; nothing is written.
    DefinitionError
        The file cannot be written.
    """
    if edition != edition_of(project, draft.name):
        raise Moved(
            "somebody else saved this definition meanwhile; nothing was written",
            where=file_of(draft.name), hint="open it again, and make your edit once more",
        )  # fmt: skip
    former = project.questions.definitions
    there = Definitions({k: v for k, v in former.by_name.items() if k == draft.name})
    new = Definitions({draft.name: draft.definition})
    note, author = _line(note)[:LONGEST], _line(author)
    at = project.now()
    digest = draft.project.library.hash()
    Notes(project.stores.ledger).add(digest, at=at, author=author, note=note)
    _write(project.folder / file_of(draft.name), _said(author, at, note), to_yaml(new))
    project.reload()
    found = differences(there, new)
    return Saved(file_of(draft.name), edition_of(project, draft.name), found[0] if found else None)


def _said(author: str, at: int, note: str) -> str:
    who = f" by {author}" if author else ""
    return f"# Saved{who} at {iso(at)}{f': {note}' if note else ''}\n"


def _line(text: str) -> str:
    """A text on one line, of characters that a comment of YAML may hold."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


def _write(path: Path, head: str, body: str) -> None:
    """The newest note stands above the former ones."""
    try:
        durable.write(path, f"{head}{_comments(path)}{body}".encode(), private=False)
    except OSError as error:
        raise DefinitionError(
            "the definition cannot be written", where=path.name, got=error.strerror or "an error"
        ) from None


def _comments(path: Path) -> str:
    """The comments at the head of a file, as they are."""
    if not path.is_file():
        return ""
    lines = path.read_text("utf-8", errors="replace").splitlines(keepends=True)
    return "".join(takewhile(lambda line: line.startswith("#"), lines))
