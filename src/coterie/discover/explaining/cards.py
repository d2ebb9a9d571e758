"""Persona cards: a cluster as people speak of it, generated from its numbers, and edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from coterie.discover.candidates import Candidate
from coterie.discover.crowd import Crowd
from coterie.discover.explaining.differences import Difference, differences
from coterie.discover.explaining.facts import (
    Fact,
    habits,
    money_column,
    revenue,
    size,
)
from coterie.discover.explaining.table import Ask, asking, people
from coterie.discover.explaining.vocabulary import advice, named, subject
from coterie.discover.prepared import Prepared
from coterie.errors import DefinitionError

CLEAR = 0.5
"""Standardised differences below this name nobody."""
MOST_WORDS, MOST_SAID = 3, 2


@dataclass(frozen=True)
class Words:
    """What somebody calls a cluster, and says to its people; empty leaves what was generated."""

    name: str = ""
    say: str = ""


@dataclass(frozen=True)
class Persona:
    """A card.

    Parameters
    ----------
    cluster : int
    name : str
        No two of a study are called the same.
    facts : tuple of Fact
        The size, the share of revenue, then habits, the most telling first.
    say : str
        What to say to them; empty where nothing is known to help.
    """

    cluster: int
    name: str
    facts: tuple[Fact, ...]
    say: str


def personas(
    crowd: Crowd,
    prepared: Prepared,
    candidate: Candidate,
    *,
    revenue: str = "",
    words: Mapping[int, Words] | None = None,
) -> tuple[Persona, ...]:
    """A card for each cluster, in their order; nobody's for noise.

    Parameters
    ----------
    crowd, prepared, candidate
        Of one study.
    revenue : str, optional
        The trait that says what a person brought; by default the first number named like money.
    words : mapping of int to Words, optional
        Names and sentences of one's own, by cluster.

    Raises
    ------
    DefinitionError
        Words for a cluster that there is none of, or one name for two clusters.

    Notes
    -----
    Every number on a card is the answer of the query beside it, asked of `people`.
    """
    found = differences(prepared, candidate)
    names = _names(crowd, found)
    with asking(people(crowd, prepared, candidate)) as ask:
        cards = tuple(
            Persona(i, names[i], _facts(ask, crowd, i, each, revenue), _say(crowd, each))
            for i, each in enumerate(found)
        )
    return edited(cards, words or {})


def _facts(
    ask: Ask, crowd: Crowd, cluster: int, found: Sequence[Difference], money: str
) -> tuple[Fact, ...]:
    brought = revenue(ask, cluster, money_column(crowd, money))
    return (
        size(ask, cluster),
        *([brought] if brought is not None else []),
        *habits(ask, crowd, cluster, found),
    )


def edited(cards: Sequence[Persona], words: Mapping[int, Words]) -> tuple[Persona, ...]:
    """Cards with somebody's own words in place of the generated ones."""
    known = {card.cluster for card in cards}
    if stray := sorted(set(words) - known):
        raise DefinitionError(
            "there is no such cluster", got=", ".join(map(str, stray)),
            expected=f"0 to {len(cards) - 1}",
        )  # fmt: skip
    own = {i: each.name for i, each in words.items() if each.name}
    free = _free([card.name for card in cards if card.cluster not in own], set(own.values()))
    if len(set(own.values())) < len(own):
        raise DefinitionError("two clusters have one name", hint="give each its own")
    return tuple(
        replace(
            card,
            name=own.get(card.cluster) or next(free),
            say=words.get(card.cluster, Words()).say or card.say,
        )
        for card in cards
    )


def _names(crowd: Crowd, found: Sequence[Sequence[Difference]]) -> list[str]:
    """Different names: as many of each cluster's clearest words as it takes."""
    clear = [_words(crowd, each) for each in found]
    for n in range(1, MOST_WORDS + 1):
        names = [", ".join(each[:n]) or "average" for each in clear]
        if len(set(names)) == len(names):
            break
    return list(_free([name[0].upper() + name[1:] for name in names], set()))


def _words(crowd: Crowd, found: Sequence[Difference]) -> list[str]:
    words: dict[str, str] = {}
    for each in found:
        if abs(each.value) >= CLEAR and (each.category is None or each.value > 0):
            words.setdefault(each.column, named(crowd.column(each.column), each))
    return list(dict.fromkeys(words.values()))


def _free(names: Sequence[str], taken: set[str]) -> Iterator[str]:
    for name in names:
        n, free = 1, name
        while free in taken:
            n += 1
            free = f"{name} {n}"
        taken.add(free)
        yield free


def _say(crowd: Crowd, found: Sequence[Difference]) -> str:
    said: dict[str, str] = {}
    for each in found:
        if abs(each.value) >= CLEAR:
            column = crowd.column(each.column)
            said.setdefault(subject(column), advice(column, each))
    return " ".join([line for line in dict.fromkeys(said.values()) if line][:MOST_SAID])
