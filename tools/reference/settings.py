"""The page of settings: coterie.toml, the mapping, and the tracking plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from coterie.collect.mapping import Mapping
from coterie.language.plan import TrackingPlan
from coterie.project.settings import Settings
from tools.reference import docstrings

FILES = {
    "coterie.toml": (Settings, "The settings of a project."),
    "A mapping": (
        Mapping,
        "What `coterie import --map FILE` reads; see [importing](../importing.md).",
    ),
    "A tracking plan": (
        TrackingPlan,
        "The files `tracking_plan/*.toml` of a project, merged into one plan. An import adds what "
        "it finds; `coterie plan` prints the whole as a data dictionary.",
    ),
}
"""Title -> what reads the file, and what the file is."""


class Setting(NamedTuple):
    """One setting, by its path in the file: ``properties.NAME.scale``."""

    path: str
    kind: str
    default: str
    meaning: str
    of: type | None
    """The table that it holds, where it holds one."""


def page() -> str:
    """The page."""
    blocks: list[str] = []
    for title, (struct, about) in FILES.items():
        blocks += [f"## {title}", about, *_blocks(struct)]
    return docstrings.page("Settings", *blocks)


def settings(struct: type, under: str = "", seen: tuple[type, ...] = ()) -> Iterator[Setting]:
    """Every setting of a file; a table that stands in two places is told at the first."""
    told = docstrings.doc(struct).items("Parameters")
    known = set(seen)
    said = inspect.type_info(struct)
    assert isinstance(said, inspect.StructType)
    for field in said.fields:
        path, kind, table = _kind(f"{under}{field.name}", field.type)
        yield Setting(path, kind, _default(field), told.get(field.name, ""), table)
        if table is not None and table not in known:
            for inner in settings(table, f"{path}.", (*known, table)):
                known |= {inner.of} if inner.of else set()
                yield inner
            known.add(table)


def _blocks(struct: type) -> Iterator[str]:
    first: dict[type, str] = {}
    for one in settings(struct):
        said = ", ".join(filter(None, [one.kind, one.default]))
        parts = [f"### `{one.path}`", f"{said[:1].upper()}{said[1:]}."]
        if one.of in first:
            parts.append(f"Its settings are those of `{first[one.of]}`.")
        elif one.of is not None:
            first[one.of] = one.path
            parts.append(docstrings.prose(one.of))
        yield "\n\n".join([*parts, one.meaning]).strip()


def _kind(path: str, kind: Any) -> tuple[str, str, type | None]:
    """The path, what stands there, and the struct of a table."""
    match kind:
        case inspect.UnionType():
            (inner,) = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
            return _kind(path, inner)
        case inspect.StructType():
            return path, "a table", kind.cls
        case inspect.DictType():
            where, what, table = _kind(f"{path}.NAME", kind.value_type)
            return where, f"{what} for each name", table
        case inspect.VarTupleType() | inspect.ListType():
            where, what, table = _kind(f"{path}[]" if _holds(kind.item_type) else path,
                                       kind.item_type)  # fmt: skip
            return where, f"a list, of which each is {what}", table
        case inspect.LiteralType():
            return path, f"one of {', '.join(f'`{value}`' for value in kind.values)}", None
        case inspect.BoolType():
            return path, "true or false", None
        case inspect.IntType():
            return path, "a whole number", None
        case inspect.DecimalType():
            return path, "a number", None
        case _:
            return path, "a text", None


def _holds(kind: Any) -> bool:
    return isinstance(kind, inspect.StructType)


def _default(field: inspect.Field) -> str:
    if field.required:
        return "required"
    if field.default in (msgspec.NODEFAULT, None, "", ()) or isinstance(
        field.default, msgspec.Struct
    ):
        return ""
    said = ", ".join(field.default) if isinstance(field.default, tuple) else str(field.default)
    return f"by default `{said.lower() if isinstance(field.default, bool) else said}`"
