"""The active parameters of fitted nodes, as the words that kernels read."""

from __future__ import annotations

from typing import Any

import numpy as np

from coterie.engines.fits import Fits
from coterie.engines.stream.batches import Words
from coterie.engines.stream.program import Program
from coterie.engines.stream.whole import bits
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.language.types import Real, Type


def parameters(program: Program, fits: Fits, offset: int, t: int) -> Words:
    """What is active at a position: a place for each slot (0 for nothing), then the words."""
    library = program.library
    places = [0] * max(len(program.slots), 1)
    words: list[int] = []
    for i, node in enumerate(program.slots):
        active = fits.active(library.fit_key(node), offset, t)
        if active is not None:
            places[i] = len(places) + len(words)
            words += _words(library, node, active.parameters)
    return np.array([*places, *words], np.int64)


def next_activation(program: Program, fits: Fits, offset: int, after: int, until: int) -> int:
    """The first instant in ``(after, until]`` at which a version becomes active, or `until`."""
    keys = {program.library.fit_key(node) for node in program.slots}
    instants = (fit.at for key in keys for fit in fits.versions(key) if fit.offset <= offset)
    return min((at for at in instants if after < at <= until), default=until)


def _words(library: Library, node: n.Fitted, found: dict[str, Any]) -> list[int]:
    match node:
        case n.Population():
            value = found["value"]
            return [0, 0] if value is None else [1, _word(value, library.kind(node))]
        case n.QuantileRank(of):
            kind = library.kind(of)
            return [len(found["edges"]), *(_word(edge, kind) for edge in found["edges"])]
        case n.Cluster():
            centroids = [x for centroid in found["centroids"] for x in centroid]
            return [*_reals(found["mean"]), *_reals(found["scale"]), len(found["centroids"]),
                    *_reals(centroids)]  # fmt: skip
        case n.Predict():
            return [
                *_reals(found["mean"]), *_reals(found["scale"]), bits(float(found["intercept"])),
                int(found["link"] == "logistic"), *_reals(found["coefficients"]),
            ]  # fmt: skip


def _word(value: Any, kind: Type) -> int:
    return bits(float(value)) if isinstance(kind, Real) else int(value)


def _reals(values: list[Any]) -> list[int]:
    return [bits(float(value)) for value in values]
