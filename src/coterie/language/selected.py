"""Selections of events in English, each closed in itself: what follows cannot belong to it."""

from __future__ import annotations

from collections.abc import Callable

from coterie.language import nodes as n
from coterie.language import wording


def selected(selection: n.Selection, phrase: Callable[[n.Expr], str]) -> str:
    """The events that a selection picks.

    Parameters
    ----------
    selection : Selection
    phrase : callable
        The English of a row expression.

    Examples
    --------
    >>> from coterie.language.time import minutes
    >>> cart, order = n.Named("Product Added"), n.Named("Order Completed")
    >>> selected(n.Without(cart, order, minutes(30)), str)
    "('Product Added' with no 'Order Completed' within 30 minutes)"
    """
    match selection:
        case n.Named(event):
            return wording.event(event)
        case n.Where(of, that):
            return f"{selected(of, phrase)} where ({phrase(that)})"
        case n.Either(parts):
            return _either([selected(part, phrase) for part in parts])
        case n.Then(first, second, within):
            then, before = selected(second, phrase), selected(first, phrase)
            return f"({then} within {wording.duration(within)} after {before})"
        case n.Without(first, second, within):
            one, other = selected(first, phrase), selected(second, phrase)
            return f"({one} with no {other} within {wording.duration(within)})"
        case n.Sessions(of, gap):
            return f"(sessions of {selected(of, phrase)} {wording.duration(gap)} apart)"


def _either(parts: list[str]) -> str:
    if len(parts) < 2:
        return f"(only {''.join(parts)})"
    return f"({' or '.join(parts)})"
