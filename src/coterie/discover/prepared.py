"""A crowd made ready for distances: a matrix, how each cell came to be, and the way there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Feature:
    """One coordinate of the matrix as steps over one column, applied to one row at a time.

    The steps in their order: fill where unknown, clip, bend, then ``(x - mean) / scale``. A truth
    is read as 1 or 0, and an instant as its age at the crowd's clock in whole days: the language's
    ``age(step=days(1))``.

    Parameters
    ----------
    name : str
        Such as ``spend``, ``favourite is Gifts`` or ``spend is unknown``.
    column : str
        The trait it is made of.
    category : str or None
        For one-hot features the value that makes it 1; else None.
    levels : tuple of str
        For ordinal features the values in order, read as 0, 1, ...
    fill : float or None
        What an unknown becomes, before clipping; None where it stays unknown (the person is left
        out), or where another way than a constant was chosen.
    low, high : float or None
        What smaller and larger values become.
    curve : str
        ``""``, ``"log1p"`` or ``"yeo-johnson"``.
    bend : float
        The lambda of Yeo-Johnson.
    mean, scale : float
    of : str
        ``"value"`` or ``"unknown"``, 1 where the column is unknown.
    """

    name: str
    column: str
    category: str | None = None
    levels: tuple[str, ...] = ()
    fill: float | None = None
    low: float | None = None
    high: float | None = None
    curve: str = ""
    bend: float = 1.0
    mean: float = 0.0
    scale: float = 1.0
    of: str = "value"


@dataclass(frozen=True)
class Note:
    """One thing that was done or found, in words, with what it touched.

    Parameters
    ----------
    step : str
        Such as ``types``, ``missing``, ``outliers``, ``skew``, ``encoding``, ``scaling``,
        ``correlation``, ``components``, ``people``.
    said : str
        One sentence, with its numbers and its reason; no personal value in it.
    column : str
    count : int
        People, cells or columns touched.
    """

    step: str
    said: str
    column: str = ""
    count: int = 0


@dataclass(frozen=True)
class Prepared:
    """What clustering sees.

    Parameters
    ----------
    matrix : (n, d) float64, C-contiguous, finite
        After everything, components included.
    standardised : (n, p) float64
        The same before components: one column for each of `features`.
    features : tuple of Feature
    components : (d, p) float64 or None
        ``matrix = (standardised - centre) @ components.T``; None where there are none and
        `matrix` is `standardised`.
    centre : (p,) float64 or None
    rows : (n,) int64
        The position of each row in the crowd; whoever was left out is not among them.
    fitted_on : (n,) bool
        False for people set aside as outliers: they are assigned, but nothing is fitted on them.
    imputed : (n, c) bool
        For each column of the crowd, in its order, whether the value was filled in.
    pipeline : sklearn.pipeline.Pipeline
        Fitted; ``pipeline.transform(crowd.frame.iloc[rows])`` is `matrix`.
    notes : tuple of Note
    rowwise : bool
        Whether `features` and `components` say all of it, so that the stream can apply it to one
        person; false where k nearest neighbours or regressions fill unknowns.
    """

    matrix: Reals
    standardised: Reals
    features: tuple[Feature, ...]
    components: Reals | None
    centre: Reals | None
    rows: NDArray[np.int64]
    fitted_on: NDArray[np.bool_]
    imputed: NDArray[np.bool_]
    pipeline: Any
    notes: tuple[Note, ...] = ()
    rowwise: bool = True
    raw: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    """The crowd's rows that are in the matrix, in its order, unchanged."""

    @property
    def names(self) -> tuple[str, ...]:
        """The features' names."""
        return tuple(feature.name for feature in self.features)
