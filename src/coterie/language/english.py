"""Definitions in English, so that different ones read differently."""

from __future__ import annotations

import msgspec

from coterie.language import nodes as n
from coterie.language import wording
from coterie.language.definitions import Definition, Segment, Stages, Trait
from coterie.language.phrases import inner, phrase

__all__ = ["StageLine", "people", "phrase", "sentence", "stage_lines"]


class StageLine(msgspec.Struct, frozen=True):
    """One stage or tier, and the people who are at it; empty for all whom no other one takes."""

    stage: str
    english: str


def sentence(name: str, definition: Definition) -> str:
    """A definition in English; different definitions of one name read differently.

    Examples
    --------
    >>> from coterie import days, event
    >>> from coterie.language.naming import named
    >>> from coterie import segment, trait
    >>> order = event("Order Completed")
    >>> spend = trait(order.sum("revenue"))
    >>> vip = segment((order.count(within=days(30)) >= 3) & (spend > 500))
    >>> for name, each in named({"spend": spend, "vip": vip}).by_name.items():
    ...     print(sentence(name, each))
    spend is the total revenue of 'Order Completed'
    people with at least 3 'Order Completed' in the last 30 days and whose spend is above 500
    """
    match definition:
        case Trait(value):
            said = f"{name} is {phrase(value)}"
        case Segment(predicate):
            said = people(predicate)
        case Stages():
            said = f"{name} is {_stages(definition)}"
    purpose = getattr(definition, "purpose", "")
    use = f", for {wording.name(purpose)}" if purpose else ""
    note = f" ({wording.words(definition.description)})" if definition.description else ""
    return f"{said}{use}{note}"


def _stages(definition: Stages) -> str:
    listed = "; ".join(
        f"{wording.words(stage.name)} for {people(stage.predicate)}" for stage in definition.stages
    )
    which = "the highest tier of" if definition.ordered else "the first of"
    return f"{which} {listed}; otherwise {wording.words(definition.otherwise)}"


def stage_lines(definition: Definition) -> list[StageLine]:
    """Stages one by one, where a sentence of all would be long; none of any other definition.

    Notes
    -----
    In their order: the first whose people somebody is among is theirs, and of tiers the highest,
    which is listed first as well.
    """
    if not isinstance(definition, Stages):
        return []
    each = [StageLine(stage.name, people(stage.predicate)) for stage in definition.stages]
    return [*each, StageLine(definition.otherwise, "")]


def people(predicate: n.Expr) -> str:
    """The people of whom a predicate is true.

    Examples
    --------
    >>> people(n.And((n.Ref("vip"), n.Not(n.Any_(n.Named("Order Completed"))))))
    "people in vip and with no 'Order Completed'"
    """
    match predicate:
        case n.And(parts) if len(parts) > 1:
            return f"people {' and '.join(_clause(part) for part in parts)}"
        case n.Or(parts) if len(parts) > 1:
            return f"people {' or '.join(_clause(part) for part in parts)}"
    return f"people {_clause(predicate)}"


def _clause(part: n.Expr) -> str:
    match part:
        case n.Any_() | n.Not(n.Any_()) | n.Compare(_, n.Count(), n.Number()):
            return f"with {phrase(part)}"
        case n.Ref():
            return f"in {phrase(part)}"
        case n.Not(n.Ref() as ref):
            return f"not in {phrase(ref)}"
        case n.Not(n.Known()):
            return _whose(part)
        case n.Compare() | n.Known() | n.Between() | n.IsIn() | n.Match() | n.Has():
            return _whose(part)
    return f"for whom {inner(part)}"


def _whose(part: n.Expr) -> str:
    return f"whose {phrase(part).removeprefix('the ')}"
