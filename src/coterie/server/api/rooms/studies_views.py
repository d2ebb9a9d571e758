"""What is told of studies, as data."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec


class Decision(msgspec.Struct, frozen=True):
    """What somebody decided about a study.

    Parameters
    ----------
    how : {"", "rules", "model"}
    file : str
        The definitions that were written, within the project.
    definitions : list of str
        What the file defines.
    fidelity : float or None
        The part of the people whom they put where the study did.
    """

    decided: Literal["adopted", "rejected"]
    at: datetime
    author: str
    note: str
    how: str
    candidate: str
    file: str
    definitions: list[str]
    fidelity: float | None


class Line(msgspec.Struct, frozen=True):
    """One study in the list of all.

    Parameters
    ----------
    finished : bool
        False where it was stopped, or still runs.
    found : str
        What came of it in a few words; empty where it is not finished.
    """

    name: str
    made_at: datetime
    as_of: datetime
    purpose: str
    people: int
    traits: list[str]
    finished: bool
    found: str
    decision: Decision | None


class Damaged(msgspec.Struct, frozen=True):
    """A study whose files cannot be read: where, and what helps."""

    name: str
    where: str
    hint: str


class Studies(msgspec.Struct, frozen=True):
    """Every study that is kept, the newest first, and those that cannot be read."""

    studies: list[Line]
    damaged: list[Damaged]


class Value(msgspec.Struct, frozen=True):
    """A measure with its interval, which has one value where it is exact."""

    value: float
    low: float
    high: float


class Candidate(msgspec.Struct, frozen=True):
    """A clustering that was tried.

    Parameters
    ----------
    called : str
        In words.
    score : float or None
        What it was weighed at; None where it is not good enough to be recommended.
    measures : dict of str to Value
        ``silhouette``, ``stability`` and others, as in :class:`coterie.discover.Candidate`.
    """

    name: str
    called: str
    k: int
    score: float | None
    measures: dict[str, Value]


class Study(msgspec.Struct, frozen=True):
    """A finished study.

    Parameters
    ----------
    people, left_out : int
        Who is in it, and who could not be used for it.
    answer : str
        What came of it, in one sentence.
    reasons : list of str
        Why, the most weighty first.
    recommended, chosen : str or None
        Candidates; `chosen` is the one that is looked at.
    notes : list of str
        What was found and done on the way, such as how unknown values were filled in.
    """

    name: str
    made_at: datetime
    as_of: datetime
    purpose: str
    people: int
    left_out: int
    traits: list[str]
    answer: str
    reasons: list[str]
    recommended: str | None
    chosen: str | None
    candidates: list[Candidate]
    notes: list[str]
    decisions: list[Decision]


class Fact(msgspec.Struct, frozen=True):
    """One thing said of a cluster, and the query whose answer it is."""

    said: str
    query: str


class Card(msgspec.Struct, frozen=True):
    """One cluster as people speak of it."""

    cluster: int
    name: str
    people: int
    facts: list[Fact]
    say: str


class Clusters(msgspec.Struct, frozen=True):
    """A card for each cluster, the largest first."""

    cards: list[Card]


class Rule(msgspec.Struct, frozen=True):
    """A cluster as a rule in English."""

    name: str
    rule: str


class Rules(msgspec.Struct, frozen=True):
    """The clusters as rules; the first one that holds decides.

    Parameters
    ----------
    fidelity, coverage : Value
        Of people held out: told as the clustering did, and told at all.
    stability : Value
        How much rules learned from other people agree (adjusted Rand index).
    source : str
        The definitions in Python.
    """

    rules: list[Rule]
    fidelity: Value
    coverage: Value
    stability: Value
    source: str


class Adopt(msgspec.Struct, frozen=True):
    """How a study becomes definitions.

    Parameters
    ----------
    how : {"rules", "model"}
    names : list of str
        Of the clusters, the largest first; by default those of their cards.
    candidate : str
        By default the recommended one.
    author, note : str
        Who adopts it, and why.
    """

    how: Literal["rules", "model"] = "rules"
    names: list[str] = []
    candidate: str = ""
    author: str = ""
    note: str = ""


class Reject(msgspec.Struct, frozen=True):
    """That nothing is to be made of a study: who says so, and why."""

    author: str = ""
    note: str = ""
