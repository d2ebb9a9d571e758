"""A definition as it was written: the file, the line, and the statement there."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple


class Written(NamedTuple):
    """Where a definition stands.

    Parameters
    ----------
    where : str
        File and line, as in ``definitions.py:12``.
    source : str
        The statement; of a file that is no Python, from its line to the next definition.
    """

    where: str
    source: str


NOWHERE = Written("", "")


def written(folder: Path, where: str) -> Written:
    """A definition's statement.

    Parameters
    ----------
    folder : Path
        Of the project.
    where : str
        As :meth:`coterie.language.library.Library.where` says it. What a recipe brings has its
        line in the package, and nothing is shown of that.
    """
    name, _, line = where.rpartition(":")
    path = folder / name
    if not name or not line.isdigit() or not path.is_file():
        return NOWHERE
    text = path.read_text("utf-8")
    find = _statement if path.suffix == ".py" else _block
    return Written(where, find(text, int(line)))


def _statement(text: str, line: int) -> str:
    r"""The Python statement that a line belongs to.

    Examples
    --------
    >>> _statement("a = 1\nb = [\n  2,\n]\n", 3)
    'b = [\n  2,\n]'
    """
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return ""
    for each in body:
        if each.lineno <= line <= (each.end_lineno or each.lineno):
            return ast.get_source_segment(text, each) or ""
    return ""


def _block(text: str, line: int) -> str:
    r"""The lines from one on, up to the next that is not indented.

    Examples
    --------
    >>> _block("a:\n  node: trait\nb:\n  node: trait\n", 1)
    'a:\n  node: trait'
    """
    lines = text.splitlines()[line - 1 :]
    ends = (i for i, each in enumerate(lines) if i and each[:1] not in (" ", "\t", "#", ""))
    return "\n".join(lines[: next(ends, len(lines))]).rstrip()
