"""What a card says of a cluster: each line with its numbers, and the query that gives them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from coterie.discover.crowd import Column, Crowd, Kind
from coterie.discover.explaining.differences import Difference
from coterie.discover.explaining.table import TABLE, Answer, Ask, name, text
from coterie.language.time import DAY

MOST_HABITS = 5
TINY = 0.001
SMALL = 0.2
"""Standardised differences below this are not worth a line."""
MONEY = re.compile(r"revenue|spend|spent|monetary|turnover|sales|amount|income")
SHARE = re.compile(r"(^|_)(share|rate|part)(_|$)")


@dataclass(frozen=True)
class Fact:
    """One thing said of a cluster.

    Parameters
    ----------
    said : str
        One line; every number in it is one of `values`, rounded.
    query : str
        SQL over ``people``, which holds the study's people: ``cluster``, and a column a trait.
    values : tuple
        What the query answers, in its order.
    column : str
        The trait it is about; empty for the size.
    """

    said: str
    query: str
    values: tuple[Answer, ...]
    column: str = ""


def size(ask: Ask, cluster: int) -> Fact:
    """How many people there are in the cluster, and what part of everybody they are."""
    here = f"count(*) FILTER (WHERE cluster = {cluster})"
    query = select(here, f"{here} / count(*)")
    n, part = values = ask(query)
    return Fact(f"{n:,} people, {percent(part)} of everybody", query, values)


def revenue(ask: Ask, cluster: int, column: Column | None) -> Fact | None:
    """What part of everybody's money they brought; None where there is no such trait or money."""
    if column is None:
        return None
    money = name(column.name)
    query = select(f"sum({money}) FILTER (WHERE cluster = {cluster}) / sum({money})")
    values = ask(query)
    if not isinstance(values[0], float) or not 0 <= values[0] <= 1:
        return None
    return Fact(
        f"{percent(values[0])} of everybody's {spoken(column.name)}", query, values, column.name
    )


def money_column(crowd: Crowd, asked: str = "") -> Column | None:
    """The trait that says what a person brought: the one asked for, or one named like money."""
    if asked:
        return crowd.column(asked)
    numbers = [column for column in crowd.columns if column.kind is Kind.NUMBER]
    return next((column for column in numbers if MONEY.search(column.name)), None)


def habits(
    ask: Ask, crowd: Crowd, cluster: int, differences: Sequence[Difference]
) -> Iterator[Fact]:
    """The traits in which the cluster differs most from everybody else, one line each."""
    told: set[tuple[str, str]] = set()
    clear = (found for found in differences if abs(found.value) >= SMALL)
    for found in clear:
        about = (found.column, found.of)
        if about in told or (found.category is not None and found.value < 0):
            continue
        fact = habit(ask, crowd, cluster, found)
        if fact is not None:
            told.add(about)
            yield fact
        if len(told) == MOST_HABITS:
            return


def habit(ask: Ask, crowd: Crowd, cluster: int, found: Difference) -> Fact | None:
    """How one trait of the cluster compares with everybody's; None where both read the same."""
    column = crowd.column(found.column)
    said = spoken(column.name)
    if found.of == "unknown":
        return _share(ask, cluster, column, f"{said} unknown", f"{name(column.name)} IS NULL")
    match column.kind:
        case Kind.BOOLEAN:
            return _share(ask, cluster, column, said, name(column.name))
        case Kind.CATEGORY:
            is_it = f"{name(column.name)} = {text(found.category or '')}"
            return _share(ask, cluster, column, f"{said} is {found.category}", is_it)
        case Kind.ORDINAL:
            return _level(ask, cluster, column)
        case Kind.INSTANT:
            days = f"({crowd.at} - epoch_us({name(column.name)})) / {DAY}.0"
            asked = _both(ask, "median", days, cluster)
            return _compared(column, f"{said}: typically {{}} days ago", asked, number)
    return _number(ask, cluster, column)


Asked = tuple[str, tuple[Answer, ...]]
"""A query, and its answer for the cluster and for everybody."""


def _compared(
    column: Column, line: str, asked: Asked, read: Callable[[Answer], str]
) -> Fact | None:
    query, values = asked
    here, everybody = map(read, values)
    said = f"{line.replace('{}', here)} (everybody: {everybody})"
    return Fact(said, query, values, column.name) if here != everybody else None


def _level(ask: Ask, cluster: int, column: Column) -> Fact | None:
    query, values = _both(ask, "mode", name(column.name), cluster)
    said = spoken(column.name)
    found = _compared(column, f"{said}: most often {{}}", (query, values), str)
    level = str(values[0])
    is_it = f"{name(column.name)} = {text(level)}"
    return found or _share(ask, cluster, column, f"{said} is {level}", is_it)


def _number(ask: Ask, cluster: int, column: Column) -> Fact | None:
    value, read = _value(column), percent if SHARE.search(column.name) else number
    said, unit = spoken(column.name), f" {column.unit}" if column.unit else ""
    typical = _both(ask, "median", value, cluster)
    found = _compared(column, f"{said}: typically {{}}{unit}", typical, read)
    if found is not None:
        return found
    mean = _both(ask, "avg", value, cluster)
    return _compared(column, f"{said}: on average {{}}{unit}", mean, read)


def _value(column: Column) -> str:
    """A number as a study reads it: unknown counts as nothing where it can only mean that."""
    quoted = name(column.name)
    return quoted if column.nothing is None else f"coalesce({quoted}, {column.nothing:g})"


def _share(ask: Ask, cluster: int, column: Column, said: str, predicate: str) -> Fact | None:
    asked = _both(ask, "avg", f"CASE WHEN {predicate} THEN 1 ELSE 0 END", cluster)
    return _compared(column, f"{said}: {{}}", asked, percent)


def _both(ask: Ask, function: str, value: str, cluster: int) -> Asked:
    call = f"{function}({value})"
    query = select(f"{call} FILTER (WHERE cluster = {cluster})", call)
    return query, ask(query)


def select(*columns: str) -> str:
    """A query that answers with one row about everybody."""
    return f"SELECT {', '.join(columns)} FROM {TABLE}"  # noqa: S608 - of names that were quoted


def percent(part: Answer) -> str:
    """A share to read.

    Examples
    --------
    >>> percent(0.4075), percent(0.004), percent(None), number(1234.5), number(0.0312)
    ('41 %', '0.4 %', 'unknown', '1,234', '0.031')
    """
    if not isinstance(part, int | float) or not math.isfinite(part):
        return "unknown"
    hundred = 100 * part
    return f"{hundred:.0f} %" if hundred >= 1 or hundred == 0 else f"{hundred:.1g} %"


def number(value: Answer) -> str:
    """A number to read: three digits, or all before the point."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return "unknown"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    if abs(value) < TINY:
        return "next to nothing"
    return f"{value:.1f}".removesuffix(".0") if abs(value) >= 10 else f"{value:.2g}"


def spoken(column: str) -> str:
    """A trait's name as words.

    Examples
    --------
    >>> spoken("orders_30d"), spoken("seen_at")
    ('orders 30d', 'seen')
    """
    return column.removesuffix("_at").replace("_", " ")
