"""Pieces of the page: figures in a row, tables, lists, cards, what is folded away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from coterie.discover.drawing.groups import OUTSIDE
from coterie.discover.drawing.studied import Card
from coterie.pictures.theme import CATEGORIES

NONE = "\N{EN DASH}"
LEAST = 0.1
"""Per cent."""


class Cell(NamedTuple):
    """A cell of a table: what it says, what is said after it in small, and whether it counts."""

    said: str
    small: str = ""
    number: bool = False


def share(part: int, whole: int) -> str:
    """A part in per cent; empty where there is none.

    Examples
    --------
    >>> share(1, 3), share(1, 10_000), share(0, 3)
    ('33.3 %', 'below 0.1 %', '')
    """
    if not part:
        return ""
    found = 100 * part / whole
    return f"{found:.1f} %" if found >= LEAST else f"below {LEAST} %"


def keys(pairs: Iterable[tuple[str, str]]) -> str:
    """Few figures beside one another; those without a value are left out."""
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in pairs
        if value
    )
    return f'<dl class="keys">{items}</dl>'


def bullets(lines: Iterable[str], kind: str = "reasons") -> str:
    """Sentences below one another."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<ul class="{kind}">{items}</ul>' if items else ""


def folded(summary: str, inside: str) -> str:
    """What is shown when somebody asks for it."""
    return f"<details><summary>{escape(summary)}</summary>{inside}</details>"


def code(text: str) -> str:
    """Source, as it is."""
    return f"<pre><code>{escape(text)}</code></pre>"


def table(
    heads: Sequence[Cell], rows: Iterable[Sequence[Cell]], *, kind: str, chosen: int = -1
) -> str:
    """A table whose first column names its rows; one row may be marked."""
    head = "".join(f'<th{_side(one)} scope="col">{escape(one.said)}</th>' for one in heads)
    marked = ' class="chosen"'
    body = "".join(
        f"<tr{marked if place == chosen else ''}>{_row(row)}</tr>" for place, row in enumerate(rows)
    )
    return (
        f'<div class="scroll" tabindex="0"><table class="{kind}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(row: Sequence[Cell]) -> str:
    first, *others = row
    return f'<th scope="row">{_said(first)}</th>' + "".join(
        f"<td{_side(one)}>{_said(one)}</td>" for one in others
    )


def _side(cell: Cell) -> str:
    return ' class="n"' if cell.number else ""


def _said(cell: Cell) -> str:
    small = f' <span class="soft">{escape(cell.small)}</span>' if cell.small else ""
    return f"{escape(cell.said)}{small}"


def cards(found: Iterable[Card]) -> str:
    """A card for each cluster: its name, its numbers, what to say, and the queries behind."""
    return f'<div class="cards">{"".join(_card(one) for one in found)}</div>'


def _card(card: Card) -> str:
    say = f'<p class="say">{escape(card.say)}</p>' if card.say else ""
    return (
        f"<article><h3>{dot(card.name, card.cluster)}{escape(card.name)}</h3>"
        f"{bullets((fact.said for fact in card.facts), 'facts')}{say}{_queries(card)}</article>"
    )


def _queries(card: Card) -> str:
    asked = "".join(
        f"<p>{escape(fact.said)}</p>{code(fact.query)}" for fact in card.facts if fact.query
    )
    return folded("queries behind the numbers", asked) if asked else ""


def dot(name: str, cluster: int) -> str:
    """A cluster's colour on the pictures."""
    colour = "var(--soft)" if name == OUTSIDE else CATEGORIES[cluster % len(CATEGORIES)]
    return f'<span class="dot" aria-hidden="true" style="background:{colour}"></span>'
