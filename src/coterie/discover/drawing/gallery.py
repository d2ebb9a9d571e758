"""The pictures of a study, sorted as readers ask: who, where, how sound, what else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import pyarrow as pa

from coterie.discover.drawing import (
    agreement,
    criteria,
    deciding,
    dendrogram,
    maps,
    profile,
    silhouettes,
    sizes,
    together,
)
from coterie.discover.drawing.studied import Card, Studied
from coterie.discover.drawing.together import Refit
from coterie.pictures.theme import Drawing

Pair = tuple[pa.Table, Drawing]
"""The numbers that stand under a picture, and the picture."""


class Gallery:
    """The pictures of a study; each is drawn when it is asked for.

    Parameters
    ----------
    study : Studied
    refit : callable, optional
        Fits the chosen algorithm on other people, for the picture of clusters that come again; by
        default as a search does.

    Notes
    -----
    Pictures of clusters need some: without a chosen candidate those lists are empty.
    """

    def __init__(self, study: Studied, refit: Refit | None = None) -> None:
        self._study, self._refit = study, refit
        self._chosen = study.chosen

    @cached_property
    def cards(self) -> Sequence[Card]:
        """A card for each cluster of the chosen one."""
        return list(self._study.personas()) if self._chosen else []

    @cached_property
    def names(self) -> list[str]:
        """Of each cluster, in order."""
        return [card.name for card in self.cards]

    def sizes(self) -> list[Pair]:
        """How many people are in each cluster."""
        if self._chosen is None:
            return []
        found = sizes.data(self._chosen, self.names)
        return [(found, sizes.chart(found))]

    def profile(self) -> list[Pair]:
        """The heat map, the same as lines, and which traits decide."""
        if self._chosen is None:
            return []
        study = self._study
        found = profile.data(study.crowd, study.prepared, self._chosen, self.names)
        if not len(found):
            return []
        lined, decide = profile.lined(found), deciding.data(study.explain(), self.names)
        return [
            (found, profile.chart(found)),
            (lined, profile.lines(found)),
            (decide, deciding.chart(decide)),
        ]

    def maps(self) -> list[Pair]:
        """Everybody by components and by neighbours; the numbers are of clusters, not of people."""
        study = self._study
        ways: tuple[maps.Way, ...] = ("pca", "tsne")
        found = [
            maps.data(study.prepared, self._chosen, self.names, way=way, seed=study.seed)
            for way in ways
        ]
        return [(maps.summary(one), maps.chart(one)) for one in found if len(one)]

    def soundness(self) -> list[Pair]:
        """Whether people fit, whether clusters come again, and how they join."""
        if self._chosen is None:
            return []
        study = self._study
        fits = silhouettes.data(study.prepared, self._chosen, self.names, seed=study.seed)
        tree = dendrogram.data(study.prepared, self._chosen, self.names, seed=study.seed)
        return [
            (silhouettes.summary(fits), silhouettes.chart(fits)),
            *self._coming_again(),
            (tree, dendrogram.chart(tree)),
        ]

    def _coming_again(self) -> list[Pair]:
        """Whether clusters come again among other people; splits are tested otherwise."""
        chosen, study = self._chosen, self._study
        if chosen is None or (chosen.algorithm == "split" and self._refit is None):
            return []
        refit = self._refit or together.again(chosen)
        found = together.data(study.prepared.matrix, chosen, refit, self.names, seed=study.seed)
        return [(found, together.chart(found))]

    def criteria(self) -> list[Pair]:
        """Each criterion of all candidates against the number of clusters."""
        candidates = self._study.candidates
        found = [
            criteria.data(candidates, name, self._chosen) for name in criteria.measured(candidates)
        ]
        return [(one, criteria.chart(one)) for one in found]

    def agreement(self) -> list[Pair]:
        """Which candidates put people together alike."""
        study = self._study
        if not study.candidates:
            return []
        found = agreement.data(study.candidates, study.recommendation, seed=study.seed)
        return [(found, agreement.chart(found))]
