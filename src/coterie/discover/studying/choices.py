"""Everything that somebody chooses of a study, as data that is kept with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from coterie.discover.clustering.plan import Plan
from coterie.discover.preparing.recipe import Recipe
from coterie.errors import CoterieError

FLOOR = 100
"""The least people that a segment is worth making for, unless somebody says otherwise."""


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of whom, and how; JSON.

    Parameters
    ----------
    traits : tuple of str
        By default every trait that can tell groups apart.
    segment : str
        Whose people are asked; empty for everybody.
    purpose : str
        What the study is for; empty for the segment's purpose, or the project's default one.
    recipe : Recipe
        How the people are made ready.
    plan : Plan
        What is tried, and how thoroughly.
    floor : int
        The least people that a segment is worth making for.
    seed : int
        What everything random begins from.
    """

    traits: tuple[str, ...] = ()
    segment: str = ""
    purpose: str = ""
    recipe: Recipe = Recipe()
    plan: Plan = Plan()
    floor: int = FLOOR
    seed: int = 0

    def as_json(self) -> dict[str, Any]:
        """The choices as plain data."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    @classmethod
    def of_json(cls, data: dict[str, Any]) -> Choices:
        """The choices of plain data."""
        return msgspec.convert(data, cls)


def choices(
    traits: Sequence[str] = (),
    *,
    segment: str = "",
    purpose: str = "",
    k: int | Sequence[int] | None = None,
    algorithms: Sequence[str] | str | None = None,
    recipe: Recipe | None = None,
    floor: int = FLOOR,
    seed: int = 0,
    plan: Plan | None = None,
) -> Choices:
    """The choices in the words of the faces; what is not said has its default.

    Parameters
    ----------
    k : int or sequence of int, optional
        The numbers of clusters to try; by default 2 to 10.
    algorithms : sequence of str, optional
        Such as ``["kmeans", "gmm-full"]``; ``gmm`` stands for every mixture.
    floor : int
        The least people that a segment is worth making for.
    plan : Plan, optional
        How thoroughly; `k` and `algorithms` take precedence over it.

    Raises
    ------
    CoterieError
        A number or an algorithm cannot be meant.

    Examples
    --------
    >>> choices(["spend"], k=4, algorithms="gmm").plan.algorithms
    ('gmm-full', 'gmm-tied', 'gmm-diag')
    """
    said: dict[str, Any] = {}
    if k is not None:
        said["ks"] = tuple(dict.fromkeys([k] if isinstance(k, int) else k))
    if algorithms is not None:
        said["algorithms"] = _algorithms(
            [algorithms] if isinstance(algorithms, str) else algorithms
        )
    if floor < 1:
        raise CoterieError(
            "a segment needs somebody in it", where="floor", got=str(floor), expected="at least 1"
        )
    if isinstance(traits, str):
        raise CoterieError(
            "traits are several names", where="traits", got="a text", expected='["spend", "orders"]'
        )
    return Choices(
        traits=tuple(traits), segment=segment, purpose=purpose, recipe=recipe or Recipe(),
        plan=msgspec.structs.replace(plan or Plan(), **said), floor=floor, seed=seed,
    )  # fmt: skip


def _algorithms(said: Sequence[str]) -> tuple[str, ...]:
    mixtures = ("gmm-full", "gmm-tied", "gmm-diag")
    found = [each for name in said for each in (mixtures if name == "gmm" else (name,))]
    return tuple(dict.fromkeys(found))
