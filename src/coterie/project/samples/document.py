"""The YAML document of sample profiles: what may stand where, and every error with its line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from coterie.errors import (
    CoterieError,
    DefinitionError,
    DefinitionErrors,
    ProjectError,
    UnknownName,
    WrongType,
    nearest,
)
from coterie.language.yamltext import parsed


class Document:
    """A YAML file that remembers its lines and gathers what is wrong with it.

    Parameters
    ----------
    path : Path
    shown : str
        What errors call the file.

    Raises
    ------
    ProjectError
        The file cannot be read, or is no YAML.
    """

    def __init__(self, path: Path, shown: str) -> None:
        self.file = shown
        self._errors: list[DefinitionError] = []
        try:
            self.root, self._lines = parsed(path.read_bytes(), shown)
        except OSError as error:
            raise ProjectError(
                "the sample profiles cannot be read", where=shown,
                got=error.strerror or type(error).__name__,
            ) from None  # fmt: skip
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            raise ProjectError(
                "the sample profiles are no YAML",
                where=f"{shown}:{mark.line + 1}" if mark else shown,
                got=str(getattr(error, "problem", None) or "not text"),
            ) from None

    def place(self, path: str) -> str:
        """File and line of a path such as ``people.ann.events[0].at``."""
        while path and path not in self._lines:  # what is missing has the line of what lacks it
            path = path.rpartition(".")[0]
        return f"{self.file}:{self._lines.get(path, 1)}"

    @property
    def wrong(self) -> bool:
        """Whether there was an error already."""
        return bool(self._errors)

    @contextmanager
    def reading(self, path: str) -> Iterator[None]:
        """Keep an error of this block with its place, and go on after the block."""
        try:
            yield
        except DefinitionError as error:
            error.where = f"{self.place(path)}: {path}".removesuffix(": ")
            self._errors.append(error)
        except CoterieError as error:
            self._errors.append(
                DefinitionError(
                    error.what, where=f"{self.place(path)}: {path}",
                    got=error.got, expected=error.expected, hint=error.hint,
                )
            )  # fmt: skip

    def finish(self) -> None:
        """Raise what was wrong.

        Raises
        ------
        DefinitionErrors
            With every error.
        """
        if self._errors:
            several = DefinitionErrors(self._errors)
            several.what = f"{len(self._errors)} error(s) in {self.file}; nothing was tried"
            raise several


def mapping(said: Any, known: tuple[str, ...] = ()) -> dict[str, Any]:
    """A mapping, of known keys where they are given; nothing is an empty one.

    Raises
    ------
    WrongType, UnknownName
    """
    if said is None:
        return {}
    if not isinstance(said, dict):
        raise WrongType("a mapping stands here", got=type(said).__name__, expected="name: value")
    for key in said:
        if known and key not in known:
            raise UnknownName(f"no such setting: {key!r}", hint=nearest(key, known))
    return said


def sequence(said: Any) -> list[Any]:
    """A list; nothing is an empty one.

    Raises
    ------
    WrongType
    """
    if said is None:
        return []
    if not isinstance(said, list):
        raise WrongType("a list stands here", got=type(said).__name__, expected="- item")
    return said
