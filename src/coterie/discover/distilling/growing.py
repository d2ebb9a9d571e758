"""From a shallow decision tree to rules: its paths, with thresholds made readable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from coterie.discover.candidates import NOISE
from coterie.discover.distilling.conditions import Condition, met
from coterie.discover.distilling.questions import Question
from coterie.discover.distilling.rounding import readable
from coterie.discover.prepared import Reals

Labels = NDArray[np.int32]
LEAF_SHARE = 0.0025
"""The part of the people that a leaf of the tree holds at least."""


@dataclass(frozen=True)
class Rule:
    """People for whom every condition holds are of one cluster, unless an earlier rule holds.

    Parameters
    ----------
    cluster : int
    conditions : tuple of Condition
        At most one of each trait.
    """

    cluster: int
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Lesson:
    """What a tree learns from: the answers of some people to every question, and their clusters.

    Parameters
    ----------
    questions : sequence of Question
    answers : (n, q) float64
        Unknown is NaN.
    labels : (n,) int32
    """

    questions: Sequence[Question]
    answers: Reals
    labels: Labels

    def of(self, rows: NDArray[Any]) -> Lesson:
        """The same of some of the people."""
        return Lesson(self.questions, self.answers[rows], self.labels[rows])


def grown(lesson: Lesson, depth: int, seed: int) -> DecisionTreeClassifier:
    """A tree that tells the clusters apart (CART; Breiman and others, 1984)."""
    counts = np.bincount(lesson.labels[lesson.labels != NOISE])
    smallest = int(counts[counts > 0].min())
    leaf = max(2, min(int(len(lesson.labels) * LEAF_SHARE), smallest // 3))
    tree = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=leaf, random_state=seed)
    return tree.fit(lesson.answers, lesson.labels)


@dataclass(frozen=True)
class _Leaf:
    cluster: int
    conditions: tuple[Condition, ...]


def rules_of(tree: DecisionTreeClassifier, lesson: Lesson) -> tuple[Rule, ...]:
    """The paths of a tree as rules: one of them at most holds, and noise has none.

    Each threshold is made readable on the way down; who then stands in a leaf decides its
    cluster anew. Two leaves of one cluster under the same question become one.
    """
    everyone = np.arange(len(lesson.labels))
    leaves = _Walk(tree.tree_, lesson).leaves(0, everyone, ())
    return tuple(
        Rule(leaf.cluster, met(leaf.conditions)) for leaf in leaves if leaf.cluster != NOISE
    )


class _Walk:
    """A way down through a fitted tree, with the people who take it."""

    def __init__(self, tree: Any, lesson: Lesson) -> None:
        self.tree = tree
        self.lesson = lesson

    def leaves(
        self, node: int, rows: NDArray[Any], conditions: tuple[Condition, ...]
    ) -> list[_Leaf]:
        """The leaves under a node, in the order of the tree."""
        if self.tree.children_left[node] < 0 or not len(rows):
            return [_Leaf(self._majority(rows, node), conditions)]
        below, above, left = self._divided(node, rows)
        found = [
            *self.leaves(self.tree.children_left[node], rows[left], (*conditions, below)),
            *self.leaves(self.tree.children_right[node], rows[~left], (*conditions, above)),
        ]
        same = {leaf.cluster for leaf in found}
        return [_Leaf(same.pop(), conditions)] if len(same) == 1 else found

    def _divided(
        self, node: int, rows: NDArray[Any]
    ) -> tuple[Condition, Condition, NDArray[np.bool_]]:
        asked = int(self.tree.feature[node])
        question, answers = self.lesson.questions[asked], self.lesson.answers[rows, asked]
        known = ~np.isnan(answers)
        threshold = readable(answers[known], float(self.tree.threshold[node]))
        to_left = bool(self.tree.missing_go_to_left[node])
        left = np.where(known, answers < float(threshold), to_left)
        if question.fill is not None:
            to_left = question.fill < float(threshold)
        learned = question.learned or question.fill is not None
        below = question.below(threshold, learned and to_left)
        above = question.above(threshold, learned and not to_left)
        return below, above, left

    def _majority(self, rows: NDArray[Any], node: int) -> int:
        labels = self.lesson.labels[rows]
        return int(np.bincount(labels - NOISE).argmax()) + NOISE if len(labels) else NOISE
