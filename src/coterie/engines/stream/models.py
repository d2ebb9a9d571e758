"""Fitted parameters applied to one person: statistics, ranks, clusters, predictions.

The header says where the parameters lie: first, for each slot of the program, where those that are
active begin behind it (0: none are active), then their words. Those of a model are a step for each
input, a word for each prepared input, which is written there, and rows of weights.
"""

from __future__ import annotations

from math import exp, expm1, isfinite, log1p, nan

from coterie.engines.stream import layout as y
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.wide import bits, real

CURVE, FILL, LOW, HIGH, BEND, MEAN, SCALE = range(7)
STEP = 7
LINEAR, SQUARED, LOGISTIC = range(3)


@compiled
def apply(M: Memory, i: int) -> tuple[bool, int]:
    """The value of a fitted node; unknown without an active version."""
    op, a, b, slot = M[i + y.I_OP], M[i + y.I_A], M[i + y.I_B], M[i + y.I_C]
    at = M[M[y.PARAMETERS] + slot]
    if at == 0:
        return False, 0
    at += M[y.PARAMETERS]
    if op == y.OP_STATISTIC:
        return M[at] != 0, M[at + 1]
    if op == y.OP_RANK:
        return _rank(M, a, at, M[i + y.I_D] == y.REAL)
    if not _prepare(M, a, b, at):
        return False, 0
    inputs = at + b * STEP
    index, score = _best(M, inputs, inputs + b)
    if op == y.OP_CLUSTER or index < 0:
        return index >= 0, index
    if M[inputs + b + 2] == LOGISTIC:
        score = 1 / (1 + exp(-score)) if score > -700 else 0.0
    return True, bits(score)


@compiled
def _rank(M: Memory, a: int, at: int, is_real: bool) -> tuple[bool, int]:
    """1 + the number of edges below the value; unknown without edges."""
    n = M[at]
    if n == 0 or M[a + 1] == 0:
        return False, 0
    rank = 1
    for k in range(at + 1, at + 1 + n):
        below = real(M[k]) < real(M[a]) if is_real else M[k] < M[a]
        rank += 1 if below else 0
    return True, rank


@compiled
def _prepare(M: Memory, a: int, n: int, at: int) -> bool:
    """Write each input filled, bounded, bent and scaled; false where one is unknown."""
    for k in range(n):
        register, step = M[a + k], at + k * STEP
        x = real(M[register]) if M[register + 1] != 0 else real(M[step + FILL])
        if x < real(M[step + LOW]):
            x = real(M[step + LOW])
        if x > real(M[step + HIGH]):
            x = real(M[step + HIGH])
        if M[step + CURVE] != 0:
            x = _bent(x, M[step + CURVE], real(M[step + BEND]))
        x = (x - real(M[step + MEAN])) / real(M[step + SCALE])
        if not isfinite(x):
            return False
        M[at + n * STEP + k] = bits(x)
    return True


@compiled
def _bent(x: float, curve: int, bend: float) -> float:
    """`log1p` (1) or the Yeo-Johnson transformation (2); not finite where it is unknown."""
    if curve == 1:
        return log1p(x) if x > -1.0 else nan
    sign = 1.0
    if x < 0.0:
        sign, x, bend = -1.0, -x, 2.0 - bend
    length = log1p(x)
    if bend == 0.0:
        return sign * length
    return sign * expm1(bend * length) / bend if bend * length < 709.0 else nan


@compiled
def _best(M: Memory, inputs: int, at: int) -> tuple[int, float]:
    """The index of the greatest score, the lowest of several (-1: none is finite), and the score.

    Each is an offset and the sum of its rows, or less half of the sum of their squares. A row is
    a constant, the first input, how many there are, and their weights.
    """
    best, index, row, squared = 0.0, -1, at + 3, M[at + 2] == SQUARED
    for j in range(M[at]):
        offset, score = real(M[row]), 0.0
        row += 1
        for _ in range(M[at + 1]):
            x, first = 0.0, inputs + M[row + 1]
            for k in range(M[row + 2]):
                x += real(M[row + 3 + k]) * real(M[first + k])
            x += real(M[row])
            score += x * x if squared else x
            row += 3 + M[row + 2]
        if squared:
            score = offset - 0.5 * score
        if isfinite(score) and (index < 0 or score > best):
            best, index = score, j
    return index, best
