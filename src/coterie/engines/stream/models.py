"""Fitted parameters applied to one person: statistics, ranks, clusters, predictions.

The header says where the parameters lie: first, for each slot of the program, where those that are
active begin behind it (0: none are active), then their words.
"""

from __future__ import annotations

from math import exp, isfinite

from coterie.engines.stream import layout as y
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.wide import bits, real


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
    if op == y.OP_CLUSTER:
        return _nearest(M, a, b, at)
    return _predicted(M, a, b, at)


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
def _input(M: Memory, a: int, at: int, n: int, k: int) -> tuple[bool, float]:
    """The k-th input, standardised; unknown where it is, and where it is not finite."""
    register = M[a + k]
    if M[register + 1] == 0:
        return False, 0.0
    scale = real(M[at + n + k])
    if scale == 0.0:
        return False, 0.0
    x = (real(M[register]) - real(M[at + k])) / scale
    return isfinite(x), x


@compiled
def _nearest(M: Memory, a: int, n: int, at: int) -> tuple[bool, int]:
    """The index of the nearest centroid; ties go to the lowest."""
    best, index = -1.0, -1
    for k in range(n):
        known, _ = _input(M, a, at, n, k)
        if not known:
            return False, 0
    count = M[at + 2 * n]
    for j in range(count):
        distance = 0.0
        for k in range(n):
            _, x = _input(M, a, at, n, k)
            off = x - real(M[at + 2 * n + 1 + j * n + k])
            distance += off * off
        if isfinite(distance) and (index < 0 or distance < best):
            best, index = distance, j
    return index >= 0, index


@compiled
def _predicted(M: Memory, a: int, n: int, at: int) -> tuple[bool, int]:
    """Intercept plus weighted inputs, through the link (0: identity, 1: logistic)."""
    score = real(M[at + 2 * n])
    for k in range(n):
        known, x = _input(M, a, at, n, k)
        if not known:
            return False, 0
        score += x * real(M[at + 2 * n + 2 + k])
    if not isfinite(score):
        return False, 0
    if M[at + 2 * n + 1] == 1:
        score = 1 / (1 + exp(-score)) if score > -700 else 0.0
    return True, bits(score)
