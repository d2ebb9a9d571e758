"""What is asked of everyone: the project's definitions, permissions, and what models learn from."""

from __future__ import annotations

from functools import cached_property

from coterie.language import nodes as n
from coterie.language.definitions import Definitions, Trait
from coterie.language.library import Library, digest
from coterie.privacy.consent import may_name, purposes

Learned = n.Population | n.QuantileRank
"""The fitted nodes whose parameters a run learns by itself."""


class Questions:
    """Definitions with all that a run needs beside them.

    Parameters
    ----------
    library : Library
        The project's own definitions.

    Raises
    ------
    DuplicateName
        A definition has a name that permissions need, such as ``may_marketing``.

    Attributes
    ----------
    asked : Library
        The same with a boolean trait for every purpose, and a trait for whatever a fitted node is
        fitted on.
    may : dict of str to str
        Purpose -> name of that boolean trait.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self.may = {purpose: may_name(purpose) for purpose in library.purposes}
        self._learned = {
            key: node for key, node in library.fitted().items() if isinstance(node, Learned)
        }
        self.asked = Library(
            self._definitions(), library.plan, library.purposes, library.default_purpose
        )
        self.levels = self._levels()

    @property
    def names(self) -> tuple[str, ...]:
        """What a state holds of each person: every definition and every permission."""
        return (*self.library.names, *self.may.values())

    @cached_property
    def said(self) -> frozenset[str]:
        """The events of which a definition reads what they said; others are only counted."""
        read = [node for expr in self.asked.lowered.values() for node in n.walk(expr)
                if isinstance(node, n.Where | n.Aggregate) and _reads(node)]  # fmt: skip
        return frozenset(
            x.event for node in read for x in n.walk(node.of) if isinstance(x, n.Named)
        )

    @property
    def groups(self) -> tuple[str, ...]:
        """Every segment and then every set of stages."""
        return (*self.library.segments, *self.library.stages)

    def node(self, key: str) -> Learned:
        """The fitted node of a fit key."""
        return self._learned[key]

    @staticmethod
    def input(key: str) -> str:
        """The name of the trait whose values a fitted node is fitted on."""
        return f"_fit_{key}"  # no definition of a user can begin with an underscore

    def permission(self, group: str) -> str:
        """The trait that says whether a member of a segment or stages may be used."""
        return self.may[self.library.purpose(group)]

    def needed(self, names: tuple[str, ...]) -> list[list[str]]:
        """The fit keys that these definitions need, level by level."""
        wanted = self.asked.fitted(names)
        return [kept for level in self.levels if (kept := [key for key in level if key in wanted])]

    def meanings(self) -> dict[str, str]:
        """A hash of what each segment and stages mean, so that an edit is told from an event."""
        lowered = self.library.lowered
        return {name: digest(self.library.expanded(lowered[name])) for name in self.groups}

    @property
    def definitions(self) -> Definitions:
        """The project's own definitions."""
        library = self.library
        return Definitions(
            {name: library.definition(name) for name in library},
            {name: library.where(name) for name in library},
        )

    def _definitions(self) -> Definitions:
        library, found = self.library, self.definitions
        found.merge(purposes(library.purposes, library.plan))
        found.by_name |= {self.input(key): Trait(node.of) for key, node in self._learned.items()}
        return found

    def _levels(self) -> list[list[str]]:
        """The fit keys, each after those that its own input needs."""
        level: dict[str, int] = {}
        for key, node in self._learned.items():
            inner = [x for x in n.walk(self.library.expanded(node.of)) if isinstance(x, Learned)]
            level[key] = 1 + max((level[self.library.fit_key(x)] for x in inner), default=-1)
        count = max(level.values(), default=-1) + 1
        return [[key for key in level if level[key] == i] for i in range(count)]


def _reads(node: n.Where | n.Aggregate) -> bool:
    """Whether it reads a property of what it selects, whatever the selection itself reads."""
    read = (part for name, part in n.parts(node) if name not in ("of", "since"))
    return any(isinstance(below, n.Property) for part in read for below in n.walk(part))
