"""Naming: definitions take the name of the variable or field that they are assigned to."""

from __future__ import annotations

from typing import Any

from coterie.errors import DefinitionError
from coterie.language import nodes as n
from coterie.language.authoring import Defined
from coterie.language.definitions import Definitions, Trait


def named(found: dict[str, Defined], where: str = "") -> Definitions:
    """Definitions of authored objects, with every reference by name.

    Parameters
    ----------
    found : dict of str to Defined
        Name -> the object assigned to it. A trait that no name holds is written out where it is
        used; a segment or stages that no name holds are refused.
    where : str
        The file, for errors.
    """
    names = {id(value): name for name, value in reversed(found.items())}
    definitions = Definitions()
    for name, value in found.items():
        place = value.where or where
        definitions.add(name, _resolve(value.definition, names, name, place), place)
    return definitions


def _resolve(node: Any, names: dict[int, str], inside: str, where: str) -> Any:
    if isinstance(node, n.Ref) and isinstance(node.name, Defined):
        target: Defined = node.name
        if id(target) in names:
            return n.Ref(names[id(target)])
        if isinstance(target.definition, Trait):
            return _resolve(target.definition.value, names, inside, where)
        raise DefinitionError(
            "a segment or stages without a name are used here", where=f"{where}: {inside}",
            hint="assign it to a variable of definitions.py first",
        )  # fmt: skip
    return n.rebuild(node, lambda child: _resolve(child, names, inside, where))
