"""What pictures and the report read of a study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from coterie.discover.candidates import Candidate, Measure, Recommendation
from coterie.discover.crowd import Crowd
from coterie.discover.prepared import Prepared


class Fact(Protocol):
    """One thing said of a cluster, with its number, and how to see it for oneself."""

    @property
    def said(self) -> str:
        """One line, such as ``orders in 30 days: 4.2 (everybody: 1.1)``."""

    @property
    def query(self) -> str:
        """The question that gives the number; empty where it has none."""


class Card(Protocol):
    """One cluster as people speak of it."""

    @property
    def cluster(self) -> int:
        """Its number among the labels."""

    @property
    def name(self) -> str:
        """What it is called; no two are called the same."""

    @property
    def facts(self) -> Sequence[Fact]:
        """Its size, its share of revenue, its habits, the most telling first."""

    @property
    def say(self) -> str:
        """What to say to its people; empty where nobody knows."""


class Weighed(Protocol):
    """What one trait does for belonging to a cluster."""

    @property
    def column(self) -> str:
        """The trait."""

    @property
    def value(self) -> float:
        """In probability; above 0 it speaks for the cluster."""


class Explained(Protocol):
    """Which traits put people into one cluster, as a model that was taught the clusters has it."""

    @property
    def cluster(self) -> int:
        """Its number among the labels."""

    @property
    def weights(self) -> Sequence[Weighed]:
        """Mean Shapley values of its people."""

    @property
    def agreement(self) -> Measure:
        """Of people held out, the share whom the model puts where the clustering did."""


class Ruled(Protocol):
    """Clusters as definitions that people can read."""

    @property
    def sentences(self) -> Sequence[tuple[str, str]]:
        """A cluster's name and its rule in English, as rules precede one another."""

    @property
    def source(self) -> str:
        """The definitions as a project loads them."""

    @property
    def fidelity(self) -> Measure:
        """Of people held out, the share whom rules and clusters put into the same place."""

    @property
    def coverage(self) -> Measure:
        """Of people held out, the share whom some rule is about."""

    @property
    def stability(self) -> Measure:
        """How much rules learned from other people agree (adjusted Rand index)."""


class Studied(Protocol):
    """A finished study."""

    @property
    def name(self) -> str:
        """Such as ``study-7``."""

    @property
    def title(self) -> str:
        """What was studied: the project's name, or that of a table."""

    @property
    def crowd(self) -> Crowd:
        """Everybody it may use."""

    @property
    def prepared(self) -> Prepared:
        """The matrix, and the way there."""

    @property
    def candidates(self) -> Sequence[Candidate]:
        """Every clustering that was tried."""

    @property
    def recommendation(self) -> Recommendation:
        """Which of them, and why."""

    @property
    def chosen(self) -> Candidate | None:
        """The one recommended, or the one that somebody picked; None where there is none."""

    @property
    def seed(self) -> int:
        """What everything random began from."""

    def personas(self) -> Sequence[Card]:
        """A card for each cluster of the chosen one, in their order; nobody's for noise."""

    def explain(self) -> Sequence[Explained]:
        """Each cluster of the chosen one, in their order, taken apart."""

    def distill(self) -> Ruled:
        """The chosen one as rules."""
