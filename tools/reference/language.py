"""The page of the language: public functions, methods, durations, and nodes."""

from __future__ import annotations

import inspect
import re
from typing import Any

import coterie
from coterie.language import definitions, nodes, types
from coterie.language.authoring import Selected
from coterie.language.expressions import DefinedStages, Expression
from tools.reference import docstrings

ABOUT = """\
Everything here is imported from `coterie`. The [language](../language.md) page explains it with
examples that run."""

TREE = """\
What Python builds is a tree of these nodes, and each engine interprets these and nothing else. In
JSON and YAML (`coterie definitions --yaml` prints yours) a node's `node` is the word in the first
column."""

OPERATORS = """\
Operators: `+ - * /`, `== != < <= > >=`, `&` (and), `|` (or), `~` (not). Python's `and`, `or`,
`not` and `1 < x < 5` raise `WrongType`."""

FAMILIES = {
    "Selections": nodes.SELECTIONS,
    "Aggregates": nodes.AGGREGATES,
    "Fitted values": nodes.FITTED,
    "Other expressions": tuple(
        kind
        for kind in (*nodes.EXPRESSIONS, nodes.When)
        if kind not in (*nodes.AGGREGATES, *nodes.FITTED)
    ),
    "Definitions": (definitions.Trait, definitions.Segment, definitions.Stages, definitions.Stage),
}
KINDS = (
    types.Integer, types.Decimal, types.Real, types.Text, types.Boolean, types.Instant,
    types.Duration, types.Enumerated, types.ListOf,
)  # fmt: skip


def page() -> str:
    """The page."""
    return docstrings.page(
        "The language",
        ABOUT,
        "## Functions",
        *(_function(name) for name in coterie.__all__),
        _function("open"),
        "## Methods of a selection",
        docstrings.prose(Selected),
        *_methods("selection", Selected),
        "## Methods of an expression",
        docstrings.prose(Expression),
        OPERATORS,
        *_methods("expression", Expression),
        "## Methods of stages",
        *_methods("stages", DefinedStages),
        "## Types",
        docstrings.table(("type", "meaning"), *((_tag(k), docstrings.doc(k).first) for k in KINDS)),
        "## Nodes",
        TREE,
        *(_family(title, family) for title, family in FAMILIES.items()),
    )


def _function(name: str) -> str:
    function = getattr(coterie, name)
    told = docstrings.prose(function, "Parameters", "Notes", "Raises")
    return f"### `{name}`\n\n{_signature(name, function)}\n\n{told}"


def _methods(of: str, kind: type) -> list[str]:
    found = [
        (name, member)
        for name, member in vars(kind).items()
        if name[0] != "_" and (inspect.isfunction(member) or isinstance(member, property))
    ]
    blocks = []
    for name, member in found:
        spelt = "" if isinstance(member, property) else _signature(f"{of}.{name}", member)
        told = docstrings.prose(member, "Parameters", "Notes", "Raises")
        blocks.append("\n\n".join(filter(None, [f"### `{of}.{name}`", spelt, told])))
    return blocks


def _signature(name: str, function: Any) -> str:
    told = inspect.signature(function)
    given = [p.replace(annotation=_Bare(p.annotation)) for p in told.parameters.values()]
    given = [p for p in given if p.name != "self"]
    text = str(told.replace(parameters=given, return_annotation=inspect.Signature.empty))
    plain = re.sub(r"<function (\w+) at [^>]*>", r"\1", text)
    return f"```text\n{name}{plain}\n```"


class _Bare:
    """An annotation that is shown as it is written."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _family(title: str, family: tuple[type, ...]) -> str:
    rows = [(_tag(k), f"`{k.__name__}`", _fields(k), _meaning(k)) for k in family]
    return f"### {title}\n\n{docstrings.table(('node', 'class', 'fields', 'meaning'), *rows)}"


def _tag(kind: Any) -> str:
    return f"`{kind.__struct_config__.tag}`"


def _fields(kind: Any) -> str:
    return ", ".join(f"`{name}`" for name in kind.__struct_fields__)


def _meaning(kind: type) -> str:
    told = docstrings.doc(kind)
    return f"{told.first} {' '.join(told.rest.split())}".strip()
