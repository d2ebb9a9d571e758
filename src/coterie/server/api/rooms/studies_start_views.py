"""What a study is begun with, and how far it is."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from coterie.project.drafting.mistakes import Mistake

Algorithm = Literal["kmeans", "gmm", "ward", "dbscan", "hdbscan"]
ALGORITHMS: tuple[Algorithm, ...] = ("kmeans", "gmm", "ward", "dbscan", "hdbscan")
MOST = 50
"""The most clusters that are tried."""


class Begin(msgspec.Struct, frozen=True):
    """What is asked of whom; what is left out has its default.

    Parameters
    ----------
    traits : list of str
        By which people are told apart; by default every trait that can tell groups apart.
    segment : str
        A segment, or a stage such as ``lifecycle.loyal``; empty for everybody.
    purpose : str
        Nobody is in it who may not be used for it; by default that of the segment, else the
        project's.
    k : list of int
        Numbers of clusters to try, 2 to 50; by default 2 to 10.
    algorithms : list of str
        By default all.
    floor : int
        The least people that a segment is worth making for.
    """

    traits: list[str] = []
    segment: str = ""
    purpose: str = ""
    k: list[int] = []
    algorithms: list[Algorithm] = []
    floor: Annotated[int, Meta(ge=1, le=2**53)] = 100


class Comparable(msgspec.Struct, frozen=True):
    """A trait by which people can be told apart."""

    name: str
    type: str
    description: str


class Offer(msgspec.Struct, frozen=True):
    """What a study can be begun with.

    Parameters
    ----------
    traits : list of Comparable
        Numbers and truths first; a study of no named traits takes all that tell groups apart.
    segments : list of str
        Segments, and single stages.
    purposes : list of str
        The project's default purpose first.
    k : list of int
        Numbers of clusters that are tried by default.
    """

    traits: list[Comparable]
    segments: list[str]
    purposes: list[str]
    algorithms: list[str]
    k: list[int]
    floor: int


class Job(msgspec.Struct, frozen=True):
    """The study that was begun by this server last.

    Parameters
    ----------
    step : str
        What is being done.
    done, total : int
        Steps; `total` is 0 until they are known.
    seconds : float
        For which it has been worked on.
    study : str
        Its name; empty until it is kept.
    problem : Mistake or None
        Why it failed.
    resumed : bool
        Whether it goes on with a study that was stopped; `asked` tells nothing then.
    """

    state: Literal["none", "working", "finished", "failed"]
    step: str
    done: int
    total: int
    seconds: float
    study: str
    asked: Begin
    problem: Mistake | None
    resumed: bool
