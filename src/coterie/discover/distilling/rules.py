"""Rules that a person can read: clusters as stages of the trait language, and how true they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, count, groupby

import numpy as np
import pandas as pd

from coterie.discover.candidates import NOISE, Measure
from coterie.discover.distilling.growing import Labels, Rule
from coterie.discover.distilling.source import python
from coterie.errors import DefinitionError
from coterie.language import nodes as n
from coterie.language.codec import to_yaml
from coterie.language.definitions import Definitions, Segment, Stage, Stages
from coterie.language.english import people

NOBODY = "none"
"""The stage of people for whom no rule holds."""


@dataclass(frozen=True)
class Told:
    """How well the rules of one cluster tell it, on people held out.

    Parameters
    ----------
    cluster : int
    people : int
        Held-out people in the cluster.
    recall : float
        The part of them whom the rules put into it; NaN where there are none.
    precision : float
        The part of those whom the rules put into it who are in it; NaN where there are none.
    """

    cluster: int
    people: int
    recall: float
    precision: float


@dataclass(frozen=True)
class Rules:
    """Clusters as rules over traits; the first rule that holds decides.

    Parameters
    ----------
    name : str
        What its definitions are called, such as ``study_7``.
    names : tuple of str
        Of each cluster, also of one without a rule.
    rules : tuple of Rule
        In order; the rules of one cluster stand together.
    fidelity : Measure
        The part of held-out people whom the rules tell as the clustering did, with Wilson's
        95 % interval. Noise is told rightly where no rule holds.
    coverage : Measure
        The part of held-out people for whom a rule holds.
    stability : Measure
        How much rules learned from bootstrap samples agree on held-out people: the adjusted Rand
        index, its mean over samples, its least and its most.
    each : tuple of Told
        One a cluster.
    n_learned, n_held_out : int
        People the rules were made from, and people they were measured on.
    depth : int
        Questions that the tree behind the rules asks one after another, at most.
    """

    name: str
    names: tuple[str, ...]
    rules: tuple[Rule, ...]
    fidelity: Measure
    coverage: Measure
    stability: Measure
    each: tuple[Told, ...]
    n_learned: int
    n_held_out: int
    depth: int

    def assign(self, frame: pd.DataFrame, at: int) -> Labels:
        """The cluster of each row of a crowd's frame at the clock `at`; -1 where no rule holds."""
        return assigned(self.rules, frame, at)

    def renamed(self, names: Sequence[str]) -> Rules:
        """The same rules with other names.

        Raises
        ------
        DefinitionError
            There is not one name a cluster, two are equal, or one is that of nobody.
        """
        if len(names) != len(self.names) or len({*names, NOBODY}) != len(names) + 1:
            raise DefinitionError(
                "clusters need a name each", got=f"{len(names)} names",
                expected=f"{len(self.names)} different ones, none of them {NOBODY!r}",
            )  # fmt: skip
        return replace(self, names=tuple(names))

    @property
    def unruled(self) -> tuple[str, ...]:
        """The names of clusters that no rule tells, being too small or too like others."""
        ruled = {rule.cluster for rule in self.rules}
        return tuple(name for i, name in enumerate(self.names) if i not in ruled)

    def stages(self, purpose: str = "", description: str = "") -> Stages:
        """The clusters as stages in the order of their rules; ``none`` where no rule holds."""
        grouped = groupby(self.rules, key=lambda rule: rule.cluster)
        found = (Stage(self.names[cluster], _predicate([*rules])) for cluster, rules in grouped)
        return Stages(tuple(found), NOBODY, False, purpose, description)

    def definitions(
        self, name: str = "", purpose: str = "", *, segments: bool = True
    ) -> Definitions:
        """The stages under this name, and a segment for each of them as ``name_stage``.

        Parameters
        ----------
        name : str
            Lower-case letters, digits and underscores; by default `self.name`.
        purpose : str
            What they are for; by default the project's default purpose.
        segments : bool
            False for the stages alone.
        """
        name = name or self.name
        stages = self.stages(purpose, self.description)
        found = Definitions({name: stages})
        for stage in stages.stages if segments else ():
            that = n.Compare("==", n.Ref(name), n.Words(stage.name))
            found.add(self._free(f"{name}_{slug(stage.name)}", found), Segment(that, purpose))
        return found

    @staticmethod
    def _free(name: str, taken: Definitions) -> str:
        """The name, or one like it where clusters' names differ in other signs than letters."""
        numbers = (f"{name.rstrip('_')}_{i}" for i in count(2))
        return next(x for x in chain([name], numbers) if x not in taken.by_name and x[-1] != "_")

    @property
    def description(self) -> str:
        """How true the rules are, for whoever reads the definition."""
        return (
            f"agrees with the clusters for {self.fidelity.value:.1%} of {self.n_held_out:,} people"
            f" held out ({self.fidelity.low:.1%} to {self.fidelity.high:.1%})"
        )

    def yaml(self, name: str = "", purpose: str = "") -> str:
        """`definitions` as a YAML file that a project reads."""
        return to_yaml(self.definitions(name, purpose))

    def python(self, name: str = "", purpose: str = "") -> str:
        """`definitions` as Python, for a ``definitions.py`` that names the traits so."""
        return python(self.definitions(name, purpose))

    @property
    def source(self) -> str:
        """`python` under the rules' own name."""
        return self.python()

    @property
    def sentences(self) -> tuple[tuple[str, str], ...]:
        """Each cluster's name and its people in English, in the order the rules are tried."""
        return tuple((stage.name, people(stage.predicate)) for stage in self.stages().stages)


def assigned(rules: Sequence[Rule], frame: pd.DataFrame, at: int) -> Labels:
    """The cluster of the first rule that holds for each row; -1 where none does."""
    told = np.full(len(frame), NOISE, dtype=np.int32)
    for rule in reversed(rules):
        holds = np.ones(len(frame), dtype=bool)
        for condition in rule.conditions:
            holds &= condition.holds(frame, at)
        told[holds] = rule.cluster
    return told


def slug(name: str) -> str:
    """A name of the language made of any name.

    Examples
    --------
    >>> slug("Gift buyers, often"), slug("2nd")
    ('gift_buyers_often', '2nd')
    """
    letters = "".join(c if c.isascii() and c.isalnum() else " " for c in name.lower())
    return "_".join(letters.split())


def _predicate(rules: list[Rule]) -> n.Expr:
    said = [_every(rule) for rule in rules]
    return said[0] if len(said) == 1 else n.Or(tuple(said))


def _every(rule: Rule) -> n.Expr:
    parts: list[n.Expr] = []
    for condition in rule.conditions:
        said = condition.expression()
        parts += said.parts if isinstance(said, n.And) else (said,)
    return parts[0] if len(parts) == 1 else n.And(tuple(parts))
