"""One tree of errors, each with a stable code and a message in five parts.

::

    CoterieError
    ├── DefinitionError      a trait, segment or stage that cannot be meant
    │   ├── UnknownName      no such event, property, trait, segment or purpose
    │   ├── WrongType        an operand of another type than the operator takes
    │   ├── Cycle            definitions that need each other
    │   ├── DuplicateName    two definitions of one name
    │   └── NoPurpose        a use without a purpose
    ├── PlanError            a tracking plan that contradicts itself or its data
    ├── MappingError         an import mapping that does not fit its file
    ├── UnreadableFile       a file that cannot be read at all
    ├── ProjectError         a folder that is no project, or is configured wrongly
    ├── UnknownPerson        nobody by that identifier
    ├── ClockError           time asked to move backwards
    ├── StoreError           a store that is damaged, foreign or full
    └── Unsupported          an engine that declares it cannot do a node

A message never holds a personal value: it names the path and the type instead.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar

__all__ = [
    "ClockError",
    "CoterieError",
    "Cycle",
    "DefinitionError",
    "DefinitionErrors",
    "DuplicateName",
    "MappingError",
    "NoPurpose",
    "PlanError",
    "ProjectError",
    "StoreError",
    "UnknownName",
    "UnknownPerson",
    "UnreadableFile",
    "Unsupported",
    "WrongType",
    "nearest",
]


class CoterieError(Exception):
    """Anything Coterie refuses, said in five parts: what, where, got, expected, hint.

    Parameters
    ----------
    what : str
        What is wrong, as a sentence without the values.
    where : str, optional
        The place: a file and line, a path such as ``vip.and[0].left``, a row number.
    got, expected : str, optional
        The type or form found, and the one that would have been accepted.
    hint : str, optional
        The likeliest mend, often the nearest right name.

    Examples
    --------
    >>> print(CoterieError("no such event", where="vip", hint="did you mean 'Order Completed'?"))
    no such event
      where:    vip
      hint:     did you mean 'Order Completed'?
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(
        self, what: str, *, where: str = "", got: str = "", expected: str = "", hint: str = ""
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.got = got
        self.expected = expected
        self.hint = hint

    def __str__(self) -> str:
        parts = ("where", "got", "expected", "hint")
        said = [(part, getattr(self, part)) for part in parts]
        return "\n".join([self.what, *(f"  {f'{part}:':<10}{text}" for part, text in said if text)])

    def as_dict(self) -> dict[str, str]:
        """The same five parts as data, with the stable code, for JSON answers."""
        parts = ("what", "where", "got", "expected", "hint")
        return {"code": self.code} | {p: getattr(self, p) for p in parts if getattr(self, p)}


class DefinitionError(CoterieError):
    """A trait, segment or stage that cannot be meant."""

    code = "definition"


class UnknownName(DefinitionError):
    """No event, property, trait, segment or purpose has this name."""

    code = "definition.unknown_name"


class WrongType(DefinitionError):
    """An operand has another type than its operator takes."""

    code = "definition.wrong_type"


class Cycle(DefinitionError):
    """Definitions that need each other before either has a value."""

    code = "definition.cycle"


class DuplicateName(DefinitionError):
    """Two definitions of one name."""

    code = "definition.duplicate_name"


class NoPurpose(DefinitionError):
    """A segment whose purpose the project does not declare."""

    code = "definition.no_purpose"


class DefinitionErrors(DefinitionError):
    """Every error that a set of definitions has, so that they can be mended at once."""

    code = "definition.many"

    def __init__(self, errors: Iterable[DefinitionError]) -> None:
        self.errors = tuple(errors)
        n = len(self.errors)
        said = f"{n:,} errors in the definitions" if n > 1 else "an error in the definitions"
        super().__init__(f"{said}; nothing was run")

    def __str__(self) -> str:
        return "\n\n".join([self.what, *(str(error) for error in self.errors)])


class PlanError(CoterieError):
    """A tracking plan that contradicts itself or the data it describes."""

    code = "plan"


class MappingError(CoterieError):
    """An import mapping that does not fit its file."""

    code = "mapping"


class UnreadableFile(CoterieError):
    """A file that cannot be read at all; nothing of it was imported."""

    code = "file"


class ProjectError(CoterieError):
    """A folder that is no project, or whose settings cannot be used."""

    code = "project"


class UnknownPerson(CoterieError):
    """Nobody in the project has this identifier."""

    code = "person.unknown"
    status = 404


class ClockError(CoterieError):
    """The engine's clock was asked to move backwards."""

    code = "clock"
    status = 409


class StoreError(CoterieError):
    """A store that is damaged, foreign, or has no room."""

    code = "store"
    status = 503


class Unsupported(CoterieError):
    """An engine that declares it cannot do a node of the language."""

    code = "engine.unsupported"


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint with the known name most like `name`, or the known names when none is near.

    Examples
    --------
    >>> nearest("Order Complete", ["Order Completed", "Product Viewed"])
    "did you mean 'Order Completed'?"
    """
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known: {', '.join(names[:12])}" if names else "none are declared yet"
