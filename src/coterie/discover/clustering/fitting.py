"""One clustering as it was fitted: how it assigns people, and the order of its clusters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coterie.discover.candidates import NOISE, Shape
from coterie.discover.prepared import Reals

Labels = NDArray[np.int32]
CHUNK = 65_536
"""Rows that are assigned at once."""


@dataclass(frozen=True)
class Fitted:
    """What an algorithm found among some people.

    Parameters
    ----------
    parameters : dict
        What the scikit-learn estimator was made with; JSON.
    assign : callable
        The cluster of each row of a matrix; -1 is noise.
    shape : Shape or None
        The same as a rule that a stream can run; None where there is none.
    own : (n,) int32 or None
        The clusters of the rows it was fitted on, where these are not what `assign` says.
    """

    parameters: dict[str, Any]
    assign: Callable[[Reals], Labels]
    shape: Shape | None = None
    own: Labels | None = None


def of_shape(parameters: dict[str, Any], shape: Shape, own: Labels | None = None) -> Fitted:
    """A clustering that its shape says all of."""
    return Fitted(parameters, lambda rows: assign(shape, rows), shape, own)


def assign(shape: Shape, rows: Reals) -> Labels:
    """The component of the greatest score for each row.

    Parameters
    ----------
    shape : Shape
    rows : (n, d) float64

    Returns
    -------
    (n,) int32
        Ties go to the lowest component.

    Examples
    --------
    >>> assign(Shape(np.array([[0.0], [4.0]])), np.array([[1.0], [2.0], [3.0]])).tolist()
    [0, 0, 1]
    """
    found = np.empty(len(rows), dtype=np.int32)
    for start in range(0, len(rows), CHUNK):
        found[start : start + CHUNK] = scores(shape, rows[start : start + CHUNK]).argmax(axis=1)
    return found


def scores(shape: Shape, rows: Reals) -> Reals:
    """The score of each component for each row, (n, k): see `Shape`."""
    k = len(shape.centres)
    found = np.empty((len(rows), k))
    for j in range(k):
        away = rows - shape.centres[j]
        if shape.shapes is not None:
            away = away @ shape.shapes[j]
        found[:, j] = -0.5 * np.einsum("ij,ij->i", away, away)
    return found if shape.offsets is None else found + shape.offsets


def by_size(labels: Labels, shape: Shape | None) -> tuple[Labels, Shape | None]:
    """The same clusters, the largest first and none empty; noise stays noise.

    Clusters of equal size keep their order.
    """
    k = max(int(labels.max(initial=NOISE)) + 1, 0 if shape is None else len(shape.centres))
    sizes = np.bincount(labels[labels >= 0], minlength=k)
    order = np.argsort(-sizes, kind="stable")
    order = order[sizes[order] > 0]
    place = np.full(k + 1, NOISE, dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return place[labels], None if shape is None else _ordered(shape, order)


def _ordered(shape: Shape, order: NDArray[np.intp]) -> Shape:
    return Shape(
        shape.centres[order],
        None if shape.shapes is None else shape.shapes[order],
        None if shape.offsets is None else shape.offsets[order],
    )
