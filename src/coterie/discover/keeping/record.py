"""What a study knows of everybody together, as JSON: no row of it is about one person."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import msgspec
import numpy as np

from coterie.discover.candidates import Candidate, Measure, Recommendation, Shape
from coterie.discover.crowd import Column
from coterie.discover.prepared import Feature, Note

FORMAT = 1
T = TypeVar("T")


class Divided(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate without the clusters of its people."""

    algorithm: str
    k: int
    parameters: dict[str, Any]
    shape: Shape | None
    measures: dict[str, Measure]
    seconds: float

    @property
    def name(self) -> str:
        """Such as ``kmeans-4``."""
        return f"{self.algorithm}-{self.k}"


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, and of whom: enough to go on with it.

    Parameters
    ----------
    made_at : int
        When it was begun, microseconds UTC.
    at, offset : int
        The position whose answer the people are.
    asked : dict
        What was chosen, as JSON.
    """

    name: str
    made_at: int
    at: int
    offset: int
    purpose: str
    columns: tuple[Column, ...]
    asked: dict[str, Any]
    notes: tuple[Note, ...] = ()
    format: int = FORMAT


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    candidates: tuple[Divided, ...]
    recommendation: Recommendation
    features: tuple[Feature, ...]
    components: Any
    centre: Any
    notes: tuple[Note, ...]
    rowwise: bool

    @property
    def said(self) -> str:
        """What came of it in a few words."""
        chosen = self.recommendation.chosen
        if chosen is None:
            return "no stable clusters"
        found = self.candidates[chosen]
        return f"{found.k} clusters by {found.name}"


def divided(candidate: Candidate) -> Divided:
    """A candidate without its labels; measures that are no finite numbers are left out."""
    finite = {
        name: measure
        for name, measure in candidate.measures.items()
        if all(map(math.isfinite, (measure.value, measure.low, measure.high)))
    }
    return Divided(
        algorithm=candidate.algorithm,
        k=candidate.k,
        parameters=candidate.parameters,
        shape=candidate.shape,
        measures=finite,
        seconds=candidate.seconds,
    )


def candidate_of(record: Divided, labels: np.ndarray[Any, np.dtype[np.int32]]) -> Candidate:
    """The candidate with its labels."""
    return Candidate(
        record.algorithm, record.k, record.parameters, labels, record.shape, record.measures,
        record.seconds,
    )  # fmt: skip


def encode(record: Any) -> bytes:
    """A record as JSON, arrays as lists; every double reads back as it was."""
    return msgspec.json.format(msgspec.json.encode(record, enc_hook=_plain), indent=1)


def decode(raw: bytes, kind: type[T]) -> T:
    """A record of JSON."""
    return msgspec.json.decode(raw, type=kind, dec_hook=_array)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise NotImplementedError(type(value).__name__)


def _array(kind: Any, value: Any) -> Any:
    """Lists as arrays of doubles: whatever else this module knows is no array."""
    return np.array(value, dtype=np.float64)
