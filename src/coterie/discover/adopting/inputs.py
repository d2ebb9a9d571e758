"""The coordinates of a study as expressions of the trait language."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from coterie.discover.crowd import Column, Kind
from coterie.discover.prepared import Feature
from coterie.errors import WrongType
from coterie.language import nodes as n
from coterie.language.definitions import Trait
from coterie.language.library import Library
from coterie.language.time import days
from coterie.language.types import Boolean, Type, is_number


def inputs(
    features: Sequence[Feature], columns: Sequence[Column], library: Library
) -> tuple[n.Expr, ...]:
    """One expression for each feature, a number or a truth.

    Parameters
    ----------
    features : sequence of Feature
    columns : sequence of Column
        What the traits are that features read.
    library : Library
        Where those traits are defined.

    Raises
    ------
    UnknownName
        A trait is not defined any more.
    WrongType
        A trait has no value that a model may read.

    Notes
    -----
    A text is compared with the feature's value, levels become 0, 1, ..., an instant its age in
    whole days. A decayed sum, which never stands still, is read as of the last midnight UTC.
    """
    kinds = {column.name: column.kind for column in columns}
    return tuple(_input(feature, kinds[feature.column], library) for feature in features)


def _input(feature: Feature, kind: Kind, library: Library) -> n.Expr:
    trait = n.Ref(feature.column)
    library.definition(feature.column)
    if feature.of == "unknown":
        return n.Not(n.Known(trait))
    if feature.category is not None:
        return n.Compare("==", trait, n.Words(feature.category))
    if kind in (Kind.ORDINAL, Kind.CATEGORY):
        return _ranked(trait, feature.levels)
    if kind is Kind.INSTANT:
        return n.Age(trait, step=days(1))
    return _number(trait, library)


def _ranked(trait: n.Ref, levels: tuple[str, ...]) -> n.Case:
    whens = (
        n.When(n.Compare("==", trait, n.Words(level)), n.Number(Decimal(i)))
        for i, level in enumerate(levels)
    )
    return n.Case(tuple(whens))


def _number(trait: n.Ref, library: Library) -> n.Expr:
    kind: Type = library.type(trait.name)
    if is_number(kind) or kind == Boolean():
        return trait
    definition = library.definition(trait.name)
    value = definition.value if isinstance(definition, Trait) else None
    if isinstance(value, n.Decayed):
        return msgspec.structs.replace(value, step=days(1))
    raise WrongType(
        "a model reads numbers that stand still between events", where=trait.name, got=str(kind),
        expected="a number or a boolean", hint="decayed(..., step=days(1)) is one",
    )  # fmt: skip
