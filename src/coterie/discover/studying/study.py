"""A finished study: what was found among whom, and everything it can be asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pandas as pd
from sklearn.pipeline import Pipeline

from coterie.discover.auditing import Attribute, relating
from coterie.discover.auditing.describing import described
from coterie.discover.candidates import Candidate, Recommendation
from coterie.discover.clustering.criteria import criteria
from coterie.discover.crowd import Crowd
from coterie.discover.distilling import Rules, distill
from coterie.discover.explaining import Persona, Profile, Words, editing, explain, personas
from coterie.discover.prepared import Note, Prepared
from coterie.discover.preparing import prepare
from coterie.discover.splitting import Node, clustering, split
from coterie.discover.studying.choices import Choices
from coterie.discover.studying.comparing import compared, summary
from coterie.discover.studying.estimators import estimator
from coterie.errors import CoterieError, nearest

if TYPE_CHECKING:
    from coterie.discover.keeping.shelf import Kept
    from coterie.pictures.theme import Drawing


@dataclass(frozen=True)
class Study:
    """Clusters that the data suggests, with all that was tried to find them.

    Parameters
    ----------
    name : str
        Such as ``study-7``; ``study`` where it is not kept.
    title : str
        What was studied: the project's name, or that of a table.
    crowd : Crowd
        Everybody it may use.
    prepared : Prepared
        The matrix, and the way there.
    candidates : tuple of Candidate
        Every clustering that was tried.
    recommendation : Recommendation
        Which of them, and why; or that there are no stable clusters here.
    choices : Choices
        What was asked.
    picked : int or None
        The candidate that somebody chose instead.
    kept : Kept or None
        Its folder, where it is kept.
    tree : Node or None
        Of `split`: the groups with the test of each division.

    Notes
    -----
    A study is about the people of one position; asking again gives a new one.
    """

    name: str
    title: str
    crowd: Crowd
    prepared: Prepared
    candidates: tuple[Candidate, ...]
    recommendation: Recommendation
    choices: Choices
    picked: int | None = None
    kept: Kept | None = field(default=None, repr=False)
    tree: Node | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        found = self.chosen
        what = "no stable clusters" if found is None else f"{found.name}, {found.k} clusters"
        return f"<{self.name} of {self.title!r}: {len(self.crowd):,} people, {what}>"

    @property
    def seed(self) -> int:
        """What everything random began from."""
        return self.choices.seed

    @property
    def chosen(self) -> Candidate | None:
        """The candidate that was picked, else the recommended one; None where there is none."""
        index = self.recommendation.chosen if self.picked is None else self.picked
        return None if index is None else self.candidates[index]

    @cached_property
    def pipeline(self) -> Pipeline:
        """The preparation as a scikit-learn pipeline, fitted: of raw values it makes the matrix.

        A kept study has it fitted anew, of the same people by the same choices.
        """
        if self.prepared.pipeline is not None:
            return self.prepared.pipeline
        return prepare(self.crowd, self.choices.recipe, seed=self.seed).pipeline

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was found and done on the way to the matrix, in words."""
        return (*self.crowd.notes, *self.prepared.notes)

    @property
    def table(self) -> pd.DataFrame:
        """Every candidate with its measures, the best first."""
        return compared(self.candidates, self.recommendation)

    @property
    def clusters(self) -> pd.Series:
        """The cluster of each person in the chosen candidate; -1 is noise.

        Indexed by pseudonym. Who was left out of the matrix is not in it.
        """
        labels = self.needed().labels
        return pd.Series(labels, index=self.prepared.raw.index, name="cluster")

    def pick(self, candidate: str) -> Study:
        """The same study with another candidate chosen, such as ``"gmm-full-4"``.

        Raises
        ------
        CoterieError
            None of the candidates is called so.
        """
        names = [each.name for each in self.candidates]
        if candidate not in names:
            raise CoterieError(
                "no clustering of the study is called so", got=repr(candidate),
                hint=nearest(candidate, names),
            )  # fmt: skip
        return replace(self, picked=names.index(candidate))

    def split(self, of: str = "", *, floor: int | None = None, levels: int = 4) -> Study:
        """The same study with its broad segments split as volume allows, and the result chosen.

        Parameters
        ----------
        of : str, optional
            The clustering whose clusters are split; by default the chosen one, or everybody where
            there is none.
        floor : int, optional
            The least people of a group; by default the study's.
        levels : int
            How often a group is divided again, at most.

        Notes
        -----
        A group is divided only where a test says that it is more than one heap. `tree` has each
        division with its test.
        """
        start = self.pick(of).chosen if of else self.chosen
        tree = split(
            self.crowd, self.prepared, start, floor=floor or self.choices.floor, levels=levels,
            seed=self.seed,
        )  # fmt: skip
        found = clustering(tree, self.prepared)
        inside = self.prepared.fitted_on
        measures = criteria(self.prepared.matrix[inside], found.labels[inside])
        scores = self.recommendation.scores
        return replace(
            self,
            candidates=(*self.candidates, replace(found, measures=measures)),
            recommendation=replace(self.recommendation, scores=(*scores, 0.0) if scores else ()),
            picked=len(self.candidates),
            tree=tree,
        )

    def needed(self) -> Candidate:
        """The chosen candidate, or why there is none to speak of.

        Raises
        ------
        CoterieError
            There are no stable clusters, and nobody picked another candidate.
        """
        if self.chosen is None:
            raise CoterieError(
                "there are no stable clusters here, so there is nothing to describe",
                where=self.name,
                hint='see study.table; study.pick("kmeans-3") looks at one of them nevertheless',
            )
        return self.chosen

    # --- asking -----------------------------------------------------------------------------

    @property
    def estimator(self) -> Any:
        """The chosen candidate as a scikit-learn estimator; see :func:`estimators.estimator`."""
        return estimator(self.needed())

    def plot(self, kind: str = "map") -> Drawing:
        """A picture; see :func:`~coterie.discover.studying.plotting.plot` for all of them."""
        from coterie.discover.studying.plotting import plot

        return plot(self, kind)

    def audit(self) -> tuple[Attribute, ...]:
        """Each trait of the crowd in numbers: known, distinct, spread, outliers, most like which.

        ``cdp.audit()`` says more of a project: how stale traits are, and which nothing uses.
        """
        columns = self.crowd.columns
        values = relating.read(self.crowd.frame, columns, self.crowd.at)
        near = relating.strongest(values, {column.name: column.kind for column in columns})
        found = (described(self.crowd, column) for column in columns)
        return tuple(_beside(each, near.get(each.name)) for each in found)

    def explain(self) -> tuple[Profile, ...]:
        """Each cluster: how its people differ, what a surrogate's Shapley values say, exemplars."""
        return explain(self.crowd, self.prepared, self.needed(), seed=self.seed)

    def personas(self) -> tuple[Persona, ...]:
        """A card for each cluster, in somebody's own words where `words` has some."""
        return self._personas

    @cached_property
    def _personas(self) -> tuple[Persona, ...]:
        return personas(self.crowd, self.prepared, self.needed(), words=self._words())

    @property
    def words(self) -> Path | None:
        """The file in which people name clusters and say what to tell them; None if not kept."""
        return None if self.kept is None else self.kept.folder / f"{self.needed().name}.toml"

    def _words(self) -> dict[int, Words]:
        return {} if self.words is None else editing.read(self.words)

    def edit(self) -> Path:
        """The file of `words`, written with the generated ones where there is none yet.

        Raises
        ------
        CoterieError
            The study is not kept.
        """
        if self.words is None:
            raise CoterieError("the study is not kept, so its personas cannot be edited")
        if not self.words.exists():
            editing.write(self.words, self.personas())
        return self.words

    def distill(self, *, depth: int = 4) -> Rules:
        """The clusters as rules over traits, with their agreement on people held out.

        Parameters
        ----------
        depth : int
            Questions one after another, at most, unless more are needed for 90 % agreement.
        """
        return self._distilled(depth)

    def _distilled(self, depth: int) -> Rules:
        known: dict[int, Rules] = self.__dict__.setdefault("_rules", {})
        if depth not in known:
            known[depth] = distill(
                self.crowd, self.prepared, self.needed(), depth=depth, seed=self.seed,
                name=self.name.replace("-", "_"), names=[card.name for card in self.personas()],
            )  # fmt: skip
        return known[depth]

    def report(self, path: Path | str) -> Path:
        """Write one HTML file of it that needs no network and names nobody."""
        from coterie.discover.reporting import report

        written = Path(path)
        written.write_text(report(self), "utf-8")
        return written

    def as_json(self) -> str:
        """The verdict, the cards and all candidates as JSON."""
        return summary(self)


def _beside(attribute: Attribute, near: tuple[str, float] | None) -> Attribute:
    """An attribute with the other one that it goes along with most."""
    if near is None:
        return attribute
    return msgspec.structs.replace(attribute, correlated=near[0], correlation=near[1])
