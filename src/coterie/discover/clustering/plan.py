"""What a search tries and how much work it puts in: every choice, as data."""

from __future__ import annotations

from typing import Literal

import msgspec

from coterie.errors import CoterieError

Algorithm = Literal["kmeans", "gmm-full", "gmm-tied", "gmm-diag", "ward", "dbscan", "hdbscan"]
ALGORITHMS: tuple[Algorithm, ...] = (
    "kmeans", "gmm-full", "gmm-tied", "gmm-diag", "ward", "dbscan", "hdbscan",
)  # fmt: skip
BY_DENSITY = ("dbscan", "hdbscan")
"""These find the number of clusters themselves."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a search depends on beside the matrix and the seed; JSON.

    Parameters
    ----------
    algorithms : tuple of str
        Which of `ALGORITHMS`, in the order in which they run.
    ks : tuple of int
        The numbers of clusters tried, each at least 2; density finds its own.
    n_init : int
        How often k-means and mixtures start anew; the best start counts.
    many : int
        Above so many people k-means learns from small batches (``minibatch``).
    mixture_people, tree_people, density_people : int
        The most people that a mixture, a tree or a density is fitted on, drawn at random; the
        others are assigned to what was found.
    ridge : float
        Added to the variances of mixtures, in the matrix's units: without it a component falls
        into a value that many people share, such as no orders.
    exact_people : int
        Up to so many people a silhouette is exact.
    silhouette_people : int
        Above that, of so many people the silhouettes are computed, each against everybody.
    bootstraps, splits : int
        How often clusterings are repeated on people drawn with replacement, and on halves.
    resampled_people : int
        The most people in each of those repetitions.
    references : int
        How many heaps without clusters of each kind the people are compared with.

    Raises
    ------
    CoterieError
        An algorithm that is not known, or a number out of its range.

    Examples
    --------
    >>> Plan(algorithms=("kmeans",), ks=(2, 3)).n_init
    4
    """

    algorithms: tuple[Algorithm, ...] = ALGORITHMS
    ks: tuple[int, ...] = tuple(range(2, 11))
    n_init: int = 4
    many: int = 200_000
    mixture_people: int = 10_000
    tree_people: int = 5_000
    density_people: int = 5_000
    ridge: float = 0.01
    exact_people: int = 10_000
    silhouette_people: int = 2_000
    bootstraps: int = 10
    splits: int = 5
    resampled_people: int = 3_000
    references: int = 10

    def __post_init__(self) -> None:
        unknown = [name for name in self.algorithms if name not in ALGORITHMS]
        if unknown:
            raise CoterieError(
                "an algorithm of the study is not known", where="algorithms", got=unknown[0],
                expected=", ".join(ALGORITHMS),
            )  # fmt: skip
        if not self.algorithms or (not self.ks and set(self.algorithms) - set(BY_DENSITY)):
            raise CoterieError("a study needs an algorithm and a number of clusters", where="ks")
        for name, least in _LEAST.items():
            found = getattr(self, name)
            if (min(found) if isinstance(found, tuple) and found else found or least) < least:
                raise CoterieError(
                    "a number of the study's plan is too small", where=name,
                    got=str(found), expected=f"at least {least}",
                )  # fmt: skip


_LEAST: dict[str, int] = {
    "ks": 2, "n_init": 1, "many": 1, "mixture_people": 50, "tree_people": 50,
    "density_people": 50, "exact_people": 2, "silhouette_people": 50, "bootstraps": 2,
    "splits": 2, "resampled_people": 50, "references": 2,
}  # fmt: skip
