"""Definitions of rules as Python: the few forms that rules are made of."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

from coterie.language import nodes as n
from coterie.language.definitions import Definitions, Segment, Stages
from coterie.language.time import days


def python(definitions: Definitions) -> str:
    """Segments and stages as lines for ``definitions.py``, where their traits have a name.

    Examples
    --------
    >>> rich = Segment(n.Compare(">=", n.Ref("spend"), n.Number(Decimal("12.5"))))
    >>> print(python(Definitions({"rich": rich})))
    from coterie import days, segment, stages
    <BLANKLINE>
    rich = segment(spend >= 12.5)
    """
    lines = ["from coterie import days, segment, stages", ""]
    for name, definition in definitions.by_name.items():
        match definition:
            case Stages():
                lines += [f"{name} = stages(", *_stages(definition), ")"]
            case Segment(predicate):
                lines.append(f"{name} = segment({_of(predicate)}{_purpose(definition)})")
    return "\n".join(lines)


def _stages(stages: Stages) -> list[str]:
    lines = ["    {"]
    for stage in stages.stages:
        match stage.predicate:
            case n.Or(parts) if len(parts) > 1:
                said = [_of(part) if isinstance(part, n.And) else _part(part) for part in parts]
                lines.append(f"        {_quoted(stage.name)}: (")
                lines += [f"            {'| ' if i else ''}{part}" for i, part in enumerate(said)]
                lines.append("        ),")
            case one:
                lines.append(f"        {_quoted(stage.name)}: {_of(one)},")
    lines += ["    },", f"    otherwise={_quoted(stages.otherwise)},"]
    if stages.purpose:
        lines.append(f"    purpose={_quoted(stages.purpose)},")
    if stages.description:
        lines.append(f"    description={_quoted(stages.description)},")
    return lines


def _purpose(segment: Segment) -> str:
    return f", purpose={_quoted(segment.purpose)}" if segment.purpose else ""


def _of(expr: n.Expr) -> str:
    match expr:
        case n.Ref(name):
            return name
        case n.Number(value):
            return f"{value:f}"
        case n.Words(value):
            return _quoted(value)
        case n.Length(value):
            return f"days({_number(value)})"
        case n.Age(of):
            return f"{_of(of)}.age()"
        case n.Compare(op, left, right):
            return f"{_of(left)} {op} {_of(right)}"
        case n.IsIn(of, options):
            return f"{_of(of)}.is_in([{', '.join(_of(option) for option in options)}])"
        case n.Not(n.Known(of)):
            return f"{_of(of)}.is_unknown()"
        case n.Not(of):
            return f"~{_of(of)}" if isinstance(of, n.Ref | n.IsIn) else f"~({_of(of)})"
        case n.And(parts):
            return " & ".join(_part(part) for part in parts)
        case n.Or(parts):
            return " | ".join(_part(part) for part in parts)
    raise AssertionError(f"rules are not made of {type(expr).__name__}")


def _part(expr: n.Expr) -> str:
    alone = isinstance(expr, n.Ref | n.IsIn | n.Not)
    return _of(expr) if alone else f"({_of(expr)})"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _number(length: timedelta) -> str:
    whole, rest = divmod(length, days(1))
    return (
        str(whole)
        if not rest
        else f"{Decimal(length // timedelta(microseconds=1)) / 86_400_000_000:f}"
    )
