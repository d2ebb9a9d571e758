"""A definition that is being written, beside those that stand in files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.errors import DefinitionError, DefinitionErrors, DuplicateName
from coterie.language import definitions as d
from coterie.language.data import from_data
from coterie.language.definitions import Definition, Definitions
from coterie.language.load import load
from coterie.project.drafting.mistakes import too_deep

if TYPE_CHECKING:
    from coterie.project.project import Project

FOLDER = "definitions"


@dataclass(frozen=True)
class Draft:
    """A definition under a name, and the project as it would be with it.

    Parameters
    ----------
    project : Project
        Asks as if the definition were in force; writes nothing.
    """

    name: str
    definition: Definition
    project: Project


def file_of(name: str) -> str:
    """Where the builder writes a definition, below the project's folder."""
    return f"{FOLDER}/{name}.yaml"


def drafted(project: Project, name: str, data: Any) -> Draft:
    """A draft that means something.

    Parameters
    ----------
    data
        A trait, segment or stages as plain data (:mod:`coterie.language.data`).

    Raises
    ------
    DefinitionErrors
        With every error of it, and those that it makes of other definitions.
    """
    try:
        definition = from_data(data, d.Definition, name)
    except RecursionError:
        raise DefinitionErrors([too_deep(name)]) from None
    except DefinitionError as error:
        raise DefinitionErrors([error]) from None
    supposed = project.supposing(together(project, name, definition))
    supposed.library.definition(name)
    return Draft(name, definition, supposed)


def together(project: Project, name: str, definition: Definition) -> Definitions:
    """The project's definitions with one more, or with one of the builder's own replaced.

    Raises
    ------
    DefinitionErrors
        A file that is not the builder's defines the name, or nothing can be named so.
    """
    there = load(project.folder)
    elsewhere = written_elsewhere(there, name)
    if elsewhere:
        raise DefinitionErrors([_taken(name, elsewhere)])
    found = Definitions(dict(there.by_name), dict(there.where))
    if name in found.by_name:
        found.by_name[name] = definition
        found.where[name] = ""
        return found
    try:
        found.add(name, definition)
    except DefinitionError as error:
        error.where = "name"
        raise DefinitionErrors([error]) from None
    return found


def written_elsewhere(there: Definitions, name: str) -> str:
    """Where a name is defined that the builder does not write; empty where it may."""
    where = there.where.get(name, "")
    file = where.partition(":")[0]
    beside = sum(place.partition(":")[0] == file for place in there.where.values())
    return where if where and (file != file_of(name) or beside > 1) else ""


def _taken(name: str, where: str) -> DuplicateName:
    return DuplicateName(
        f"{name!r} is defined in a file that is not the builder's", where="name",
        got=f"it is at {where}", hint="save it under another name, or edit that file",
    )  # fmt: skip
