"""A project's definitions: ``definitions.py``, ``definitions.yaml``, ``definitions/*.yaml``.

The Python file is executed; each trait, segment or stages takes the name of the variable that it
is assigned to, and those in the fields of an object (as recipes return) take the field's name. A
name that begins with an underscore names no definition: a trait under it is written out where it
is used. All is read before anything is returned, so nothing runs half.
"""

from __future__ import annotations

import builtins
import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any

from coterie.errors import CoterieError, DefinitionError, DefinitionErrors, DuplicateName, nearest
from coterie.language import authoring
from coterie.language.authoring import Defined
from coterie.language.codec import from_yaml
from coterie.language.definitions import Definitions
from coterie.language.naming import named

__all__ = ["definitions_in", "load", "load_python", "load_yaml"]


def load(folder: Path) -> Definitions:
    r"""Every definition of a project folder, in the order of its files; none where it has none.

    Raises
    ------
    DefinitionErrors
        With the errors of every file, and every name that two files define.

    Examples
    --------
    >>> _ = Path("definitions.py").write_text(
    ...     "from coterie import event, trait\n"
    ...     "orders = trait(event('Order Completed').count())\n")
    >>> load(Path()).where
    {'orders': 'definitions.py:2'}
    """
    found, errors = Definitions(), list[DefinitionError]()
    for path in _files(folder):
        where = path.relative_to(folder).as_posix()
        try:
            more = (load_python if path.suffix == ".py" else load_yaml)(path, where)
        except DefinitionErrors as several:
            errors.extend(several.errors)
        except DefinitionError as one:
            errors.append(one)
        else:
            errors.extend(_merged(found, more))
    if errors:
        raise DefinitionErrors(errors)
    return found


def _files(folder: Path) -> Iterator[Path]:
    beside = [folder / name for name in ("definitions.py", "definitions.yaml", "definitions.yml")]
    below = sorted(p for p in (folder / "definitions").glob("*") if p.suffix in (".yaml", ".yml"))
    return (path for path in [*beside, *below] if path.is_file())


def _merged(found: Definitions, more: Definitions) -> Iterator[DefinitionError]:
    for name, definition in more.by_name.items():
        try:
            found.add(name, definition, more.where[name])
        except DefinitionError as error:
            yield error


def load_yaml(path: Path, where: str = "") -> Definitions:
    """The definitions of one YAML file.

    Raises
    ------
    DefinitionErrors
        With every definition that cannot be read.
    """
    return from_yaml(_bytes(path, where), where or path.name)


def load_python(path: Path, where: str = "") -> Definitions:
    """The definitions of one Python file, which is executed.

    Parameters
    ----------
    path : Path
    where : str
        How errors call the file; its name by default.

    Raises
    ------
    DuplicateName
        When a second definition is assigned to a name.
    DefinitionError
        When the file cannot be executed to its end, naming its line.
    """
    where = where or path.name
    names = _Names(where)
    try:
        exec(compile(_bytes(path, where), str(path), "exec", dont_inherit=True), names)  # noqa: S102
    except DefinitionError as error:
        error.where = error.where or _place(error, path, where)
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 (the file may raise anything)
        raise _failed(error, path, where, names) from None
    try:
        return named(names.found, where)
    except RecursionError:
        raise DefinitionError("a definition is nested too deeply", where=where) from None


def _bytes(path: Path, where: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DefinitionError(
            "the definitions cannot be read",
            where=where or path.name,
            got=error.strerror or type(error).__name__,
        ) from None


class _Names(dict[str, Any]):
    """The namespace that a definitions file fills; it refuses to lose a definition."""

    def __init__(self, where: str) -> None:
        super().__init__({"__name__": "definitions", "__file__": where})
        self.where = where
        self.found: dict[str, Defined] = {}
        self._line: dict[str, int] = {}

    def __setitem__(self, name: str, value: Any) -> None:
        line = sys._getframe(1).f_lineno
        if not name.startswith("_"):
            for each, defined in definitions_in(name, value):
                self._define(each, defined, line)
            if name in self.found and self.found[name] is not value:
                raise self._duplicate(name, line)
        super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        self.found.pop(name, None)
        super().__delitem__(name)

    def _define(self, name: str, value: Defined, line: int) -> None:
        if self.found.setdefault(name, value) is not value:
            raise self._duplicate(name, line)
        self._line.setdefault(name, line)

    def _duplicate(self, name: str, line: int) -> DuplicateName:
        return DuplicateName(
            f"two definitions are named {name!r}",
            where=f"{self.where}:{line}",
            got=f"the other is at {self.where}:{self._line[name]}",
            hint="rename one of them",
        )


def definitions_in(name: str, value: Any) -> Iterator[tuple[str, Defined]]:
    """The definitions that an object assigned to `name` brings, each with its own name.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from coterie import event, trait
    >>> orders = trait(event("Order Completed").count())
    >>> [name for name, _ in definitions_in("shop", SimpleNamespace(orders=orders, limit=5))]
    ['orders']
    """
    if isinstance(value, Defined):
        yield name, value
    for field, held in _fields(value).items():
        if not field.startswith("_"):
            yield from definitions_in(field, held)


def _fields(value: Any) -> dict[str, Any]:
    if isinstance(value, SimpleNamespace):
        return vars(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return {}


def _failed(error: BaseException, path: Path, where: str, names: dict[str, Any]) -> DefinitionError:
    """What an exception of a definitions file means to the one who wrote the file."""
    hint = ""
    if isinstance(error, NameError) and error.name:
        hint = _unimported(error.name) or nearest(error.name, {*names, *vars(builtins)})
    said = error.what if isinstance(error, CoterieError) else str(error)
    if isinstance(error, SyntaxError):
        said = error.msg
    return DefinitionError(
        "the definitions stop at an error; nothing was run",
        where=_place(error, path, where),
        got=f"{type(error).__name__}: {said}".removesuffix(": "),
        hint=hint,
    )


def _unimported(name: str) -> str:
    """The import that is missing, where a name is one of the language's own."""
    offered = {*authoring.__all__, "days", "hours", "minutes", "seconds", "weeks"}
    return f"write: from coterie import {name}" if name in offered else ""


def _place(error: BaseException, path: Path, where: str) -> str:
    """File and line of the innermost frame of the file that an exception passed."""
    if isinstance(error, SyntaxError) and error.filename in (str(path), None):
        return f"{where}:{error.lineno}" if error.lineno else where
    line, at = 0, error.__traceback__
    while isinstance(at, TracebackType):
        line = at.tb_lineno if at.tb_frame.f_code.co_filename == str(path) else line
        at = at.tb_next
    return f"{where}:{line}" if line else where
