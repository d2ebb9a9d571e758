"""The page of recipes: each with its arguments, and the definitions it makes."""

from __future__ import annotations

import dataclasses
import inspect
from datetime import timedelta
from typing import Any

from coterie import recipes as shelf
from coterie.language.authoring import Selected
from coterie.language.english import sentence
from coterie.language.naming import named
from coterie.language.nodes import Named
from coterie.language.time import iso_duration
from tools.reference import docstrings

EXAMPLE = ("Garden", "Kitchen")


def page() -> str:
    """The page."""
    return docstrings.page(
        "Recipes",
        docstrings.prose(shelf),
        *(_block(name) for name in sorted(shelf.__all__) if name.islower()),
    )


def _block(name: str) -> str:
    recipe = getattr(shelf, name)
    told = docstrings.prose(recipe, "Parameters", "Notes", "Raises")
    parts = [f"## `{name}`", told, _defaults(recipe)]
    made = recipe(categories=EXAMPLE) if name == "affinity" else None
    if made is None and name != "bought_often":
        made = recipe()
    if made is not None:
        parts.append(_fields(made))
    return "\n\n".join(filter(None, parts))


def _defaults(recipe: Any) -> str:
    rows = [
        (f"`{p.name}`", _shown(p.default)) for p in inspect.signature(recipe).parameters.values()
    ]
    return docstrings.table(("argument", "default"), *rows)


def _shown(default: Any) -> str:
    if default is inspect.Parameter.empty:
        return "has to be given"
    if isinstance(default, Selected) and isinstance(default._node, Named):
        return f"`event({default._node.event!r})`"
    if isinstance(default, timedelta):
        return f"`{iso_duration(default)}`"
    return f"`{default}`" if default else "empty"


def _fields(made: Any) -> str:
    meanings = docstrings.doc(type(made)).items("Parameters")
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(made):
        value = getattr(made, field.name)
        fields |= value if isinstance(value, dict) else {field.name: value}
    found = named(fields)
    rows = [
        (f"`{name}`", meanings.get(name, ""), sentence(name, definition))
        for name, definition in found.by_name.items()
    ]
    return docstrings.table(("definition", "meaning", "in English, with the defaults"), *rows)
