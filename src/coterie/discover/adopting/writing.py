"""A file of adopted definitions, which nobody's edits are lost of."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from coterie.errors import DefinitionError
from coterie.storage import durable

_SUM = "# as adopted: "


def write(path: Path, head: Sequence[str], body: str) -> None:
    """Write definitions under some lines of comment, all of it or nothing.

    Raises
    ------
    DefinitionError
        The file cannot be written.
    """
    comments = "".join(f"# {line}\n" for line in head)
    try:
        durable.write(path, f"{comments}{_SUM}{_digest(body)}\n{body}".encode(), private=False)
    except OSError as error:
        raise DefinitionError(
            "the definitions cannot be written", where=path.name, got=error.strerror or "an error"
        ) from None


def check_unedited(path: Path) -> None:
    """Refuse to take the place of a file that somebody wrote or edited.

    Raises
    ------
    DefinitionError
    """
    if not path.is_file():
        return
    _, found, rest = path.read_text("utf-8", errors="replace").partition(_SUM)
    digest, _, body = rest.partition("\n")
    if not found or digest.strip() != _digest(body):
        raise DefinitionError(
            "the file was edited since it was adopted", where=f"{path.parent.name}/{path.name}",
            expected="what was adopted, or no file",
            hint="keep your edits under another name, or delete the file, and adopt again",
        )  # fmt: skip


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:16]
