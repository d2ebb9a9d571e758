"""Affinity: what a person buys again and again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from coterie.errors import DefinitionError
from coterie.language.authoring import Defined, Expression, Selected, segment, trait
from coterie.recipes.events import LINE


@dataclass(frozen=True, eq=False)
class Affinity:
    """What :func:`affinity` defines.

    Parameters
    ----------
    favourite_category : Defined
        The category of most lines, the most recent of equals; null where none is known.
    category_affinity : Defined
        Who made more than 3 purchases in one of the categories.
    """

    favourite_category: Defined
    category_affinity: Defined


def affinity(
    categories: Iterable[str],
    line: Selected = LINE,
    category: str = "category",
    order_id: str = "order_id",
    *,
    more_than: int = 3,
    purpose: str = "",
) -> Affinity:
    """Product affinity: more than 3 purchases in a category.

    Parameters
    ----------
    categories : iterable of str
        The values of the property that count; for one of them alone see :func:`bought_often`.
    line : Selected
        The lines of orders.
    category, order_id : str
        Properties of a line: what the product belongs to, and the order it was bought in.
    more_than : int
        An affinity is more purchases than this. Several lines of one order are one purchase.
    purpose : str
        What the segment is for; empty means the project's default purpose.

    Raises
    ------
    DefinitionError
        Without any category.
    """
    often = [bought_often(one, line, category, order_id, more_than=more_than) for one in categories]
    if not often:
        raise DefinitionError(
            "an affinity needs a category", where="affinity", got="none", expected="one or more"
        )
    return Affinity(
        favourite_category=trait(
            line.top(category), description="The category of most things bought"
        ),
        category_affinity=segment(
            reduce(or_, often), purpose=purpose,
            description=f"More than {more_than} purchases in one category",
        ),
    )  # fmt: skip


def bought_often(
    value: str,
    line: Selected = LINE,
    category: str = "category",
    order_id: str = "order_id",
    *,
    more_than: int = 3,
) -> Expression:
    """Whether somebody made more than 3 purchases in one category, for a segment of one's own.

    Examples
    --------
    >>> from coterie import recipes, segment
    >>> gardeners = segment(recipes.bought_often("Garden"))
    """
    return line.where(line[category] == value).distinct(order_id) > more_than
