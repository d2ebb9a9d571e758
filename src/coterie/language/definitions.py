"""Definitions: the named things that a project says about people."""

from __future__ import annotations

import re

import msgspec

from coterie.errors import DefinitionError, DuplicateName
from coterie.language.nodes import Expr, Node

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


class Trait(Node, frozen=True, tag="trait"):
    """A named, typed value of a profile."""

    value: Expr
    description: str = ""


class Segment(Node, frozen=True, tag="segment"):
    """A named predicate: it *holds* only where the predicate is true (unknown does not hold).

    `purpose` is what the segment is for; empty means the project's default purpose.
    """

    predicate: Expr
    purpose: str = ""
    description: str = ""


class Stage(Node, frozen=True, tag="stage"):
    """One of the stages: it holds where its predicate is true and no earlier one's is."""

    name: str
    predicate: Expr


class Stages(Node, frozen=True, tag="stages"):
    """Mutually exclusive stages, first match wins; exactly one holds, `otherwise` at least.

    `ordered` stages are tiers: listed from the highest to the lowest, `otherwise` is below all.
    """

    stages: tuple[Stage, ...]
    otherwise: str
    ordered: bool = False
    purpose: str = ""
    description: str = ""

    @property
    def options(self) -> tuple[str, ...]:
        """Every stage, in rank order for tiers (lowest first), else in precedence order."""
        names = tuple(stage.name for stage in self.stages)
        return (self.otherwise, *reversed(names)) if self.ordered else (*names, self.otherwise)


Definition = Trait | Segment | Stages


class Definitions(msgspec.Struct):
    """Definitions by name, each with the place it was written, in the order written.

    Parameters
    ----------
    by_name : dict of str to Definition
    where : dict of str to str
        File and line (or ``file: name``) of each; not part of a definition's meaning.
    """

    by_name: dict[str, Definition] = {}
    where: dict[str, str] = {}

    def add(self, name: str, definition: Definition, where: str = "") -> None:
        """Name one more definition.

        Raises
        ------
        DuplicateName
            When the name is taken, whatever the other definition is.
        DefinitionError
            When the name is not lower-case letters, digits and underscores.
        """
        if name in self.by_name:
            raise DuplicateName(
                f"two definitions are named {name!r}", where=where,
                got=f"the other is at {self.where.get(name) or 'an unknown place'}",
                hint="rename one of them",
            )  # fmt: skip
        if not NAME.match(name):
            raise DefinitionError(
                f"{name!r} cannot name a definition", where=where,
                expected="lower-case letters, digits and underscores, a letter first",
            )  # fmt: skip
        self.by_name[name] = definition
        self.where[name] = where

    def merge(self, other: Definitions) -> None:
        """Add every definition of `other`; a name in both is refused."""
        for name, definition in other.by_name.items():
            self.add(name, definition, other.where.get(name, ""))
