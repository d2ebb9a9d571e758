"""The active parameters of fitted nodes, as the words that kernels read."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from coterie.engines import models
from coterie.engines.fits import Fits
from coterie.engines.stream.batches import Words
from coterie.engines.stream.models import LINEAR, LOGISTIC, SQUARED
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
            return _clusters(found)
        case n.Predict():
            mode = LOGISTIC if found["link"] == "logistic" else LINEAR
            row = [*found["coefficients"], found["intercept"]]
            return [*_prepared(found), 1, 1, mode, bits(0.0), *_rows([row])]


def _clusters(found: dict[str, Any]) -> list[int]:
    """How many clusters, rows of each, what is made of them; offset and rows of each."""
    rows, offsets, squared = models.scoring(found)
    each = len(rows) // len(offsets)
    words = [len(offsets), each, SQUARED if squared else LINEAR]
    for j, offset in enumerate(offsets):
        words += [bits(float(offset)), *_rows(rows[j * each : (j + 1) * each])]
    return [*_prepared(found), *words]


def _rows(rows: Iterable[Iterable[float]]) -> list[int]:
    """Of each row its constant, its first weight that is not 0, their number and they."""
    words: list[int] = []
    for *weights, constant in rows:
        kept = [k for k, weight in enumerate(weights) if weight != 0]
        first, end = (kept[0], kept[-1] + 1) if kept else (0, 0)
        words += [bits(float(constant)), first, end - first, *_reals(weights[first:end])]
    return words


def _prepared(found: dict[str, Any]) -> list[int]:
    """How each input is prepared, and a word for each that is."""
    steps = models.inputs(found)
    words = [word for step in steps for word in _input(step)]
    return [*words, *[0] * len(steps)]


def _input(step: models.Input) -> list[int]:
    fill = math.nan if step.fill is None else step.fill
    scale = step.scale or math.nan
    return [models.CURVES.index(step.curve),
            *_reals([fill, step.low, step.high, step.bend, step.mean, scale])]  # fmt: skip


def _word(value: Any, kind: Type) -> int:
    return bits(float(value)) if isinstance(kind, Real) else int(value)


def _reals(values: Iterable[Any]) -> list[int]:
    return [bits(float(value)) for value in values]
