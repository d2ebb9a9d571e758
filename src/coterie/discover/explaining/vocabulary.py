"""Words for what people are like: names of clusters, and what to say to them.

Which word fits is decided by the trait's name, so a trait called otherwise gets plain words
(``high x``, ``low x``) and nothing to say. Both are proposals; whoever knows the people edits them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from coterie.discover.crowd import Column, Kind
from coterie.discover.explaining.differences import Difference
from coterie.discover.explaining.facts import MONEY, spoken


@dataclass(frozen=True)
class Word:
    """What it means to have much or little of a trait.

    Parameters
    ----------
    pattern : str
        A regular expression that finds it in a trait's name.
    more, less : str
        What people with more, and with less, are called.
    say, otherwise : str
        What to say to people with more, and with less.
    """

    pattern: str
    more: str
    less: str
    say: str = ""
    otherwise: str = ""


AGES = (
    Word(
        "first|joined|since|sign|created|regist|tenure|known", "long-standing", "new",
        "",
        "Welcome them: show how things work, and what others began with.",
    ),
    Word(
        "last|seen|recen|latest", "lapsed", "recent",
        "Win them back: say what is new since they were here.",
        "Write soon after a visit, while they are around.",
    ),
)  # fmt: skip
"""Of instants, and of numbers that count the days since something."""

COUNTS = (
    Word("joined|signed|registered|newcomer", "new", "long-standing",
         "Welcome them: show how things work, and what others began with."),
    Word(
        MONEY.pattern + "|ltv|clv|basket|value", "big spenders", "small spenders",
        "Thank them, and let them in first; they need no discount.",
    ),
    Word(
        "coupon|discount|voucher|promo", "coupon users", "full-price buyers",
        "Lead with the offer, and say until when.",
    ),
    Word("outlet|sale|clearance", "outlet lovers", "outlet avoiders",
         "Show what was reduced, first."),
    Word("gift", "gift buyers", "no gift buyers",
         "Write before the days of presents, with ideas sorted by price."),
    Word("refund|return", "often returning", "rarely returning",
         "Make sizes, photographs and descriptions plainer before they order."),
    Word("cart|added|checkout", "cart fillers", "rarely in the cart",
         "Remind them of what they left in the cart."),
    Word("open|click|letter|mail|newsletter", "letter readers", "letter avoiders",
         "Letters work: send them the news first.", "Reach them elsewhere than by letter."),
    Word("order|purchase|frequen|bought|buys", "frequent buyers", "rare buyers",
         "Make the next order easy: reorder lists, a subscription.",
         "Give a reason for the next order."),
    Word("view|visit|session|page|brows", "frequent visitors", "rare visitors",
         "Help them decide: comparisons, reviews, free returns."),
)  # fmt: skip
"""Of numbers and truths; the first that fits is taken."""

_DAYS = re.compile(r"recency|days_since|tenure")
_TASTE = re.compile(r"favou?rite|category|product|brand|prefer|interest|top_|most_")
"""Of texts that say what somebody likes."""


def named(column: Column, found: Difference) -> str:
    """What people who differ so are called.

    Examples
    --------
    >>> named(Column("spend", Kind.NUMBER), Difference("spend", "spend", None, "value", -1.2))
    'small spenders'
    """
    if found.of == "unknown":
        return f"{spoken(column.name)} {'unknown' if found.value > 0 else 'known'}"
    if found.category is not None:
        what = found.category if _TASTE.search(column.name) else _pair(column, found.category)
        return f"{'' if found.value > 0 else 'not '}{what}"
    word = _word(column)
    if word is not None:
        return word.more if found.value > 0 else word.less
    if column.kind is Kind.BOOLEAN:
        return f"{'' if found.value > 0 else 'not '}{spoken(column.name)}"
    return f"{'high' if found.value > 0 else 'low'} {spoken(column.name)}"


def _pair(column: Column, category: str) -> str:
    """A value that says little without its trait, such as ``No``."""
    return f"{spoken(column.name)} is {category}"


def advice(column: Column, found: Difference) -> str:
    """What to say to people who differ so; empty where nobody knows."""
    if found.of == "unknown":
        return ""
    if found.category is not None:
        words = f"{column.name} {found.category}".lower()
        if found.value < 0:
            return ""
        known = next((w.say for w in COUNTS if w.say and re.search(w.pattern, words)), "")
        taste = _TASTE.search(column.name)
        return known or (f"Show them {found.category} first." if taste else "")
    word = _word(column)
    if word is None:
        return ""
    return word.say if found.value > 0 else word.otherwise


def subject(column: Column) -> str:
    """What a trait is about: two traits about one thing are not advised on twice.

    Examples
    --------
    >>> orders, fading = Column("orders", Kind.NUMBER), Column("decayed_frequency", Kind.NUMBER)
    >>> subject(orders) == subject(fading)
    True
    """
    word = _word(column)
    return column.name if word is None else word.pattern


def _word(column: Column) -> Word | None:
    if column.kind is Kind.INSTANT or _DAYS.search(column.name):
        return next((word for word in AGES if re.search(word.pattern, column.name)), None)
    if column.kind in (Kind.NUMBER, Kind.BOOLEAN):
        return next((word for word in COUNTS if re.search(word.pattern, column.name)), None)
    return None
