"""Fitted parameters applied to one person: statistics, ranks, clusters, predictions.

`Z` holds, for each slot of the program, where the active parameters begin (0: none are active).
"""

from __future__ import annotations

from math import exp, isfinite
from typing import Any

from coterie.engines.stream import layout as y
from coterie.engines.stream.compiled import compiled
from coterie.engines.stream.wide import bits, real


@compiled
def apply(P: Any, V: Any, Z: Any, i: int) -> tuple[bool, int]:
    """The value of a fitted node; unknown without an active version."""
    op, a, b, slot = P[i + y.I_OP], P[i + y.I_A], P[i + y.I_B], P[i + y.I_C]
    at = Z[slot]
    if at == 0:
        return False, 0
    if op == y.OP_STATISTIC:
        return Z[at] != 0, Z[at + 1]
    if op == y.OP_RANK:
        return _rank(V, Z, 2 * a, at, P[i + y.I_D] == y.REAL)
    if op == y.OP_CLUSTER:
        return _nearest(P, V, Z, a, b, at)
    return _predicted(P, V, Z, a, b, at)


@compiled
def _rank(V: Any, Z: Any, a: int, at: int, is_real: bool) -> tuple[bool, int]:
    """1 + the number of edges below the value; unknown without edges."""
    n = Z[at]
    if n == 0 or V[a + 1] == 0:
        return False, 0
    rank = 1
    for k in range(at + 1, at + 1 + n):
        below = real(Z[k]) < real(V[a]) if is_real else Z[k] < V[a]
        rank += 1 if below else 0
    return True, rank


@compiled
def _input(P: Any, V: Any, Z: Any, a: int, at: int, n: int, k: int) -> tuple[bool, float]:
    """The k-th input, standardised; unknown where it is, and where it is not finite."""
    register = 2 * P[a + k]
    if V[register + 1] == 0:
        return False, 0.0
    scale = real(Z[at + n + k])
    if scale == 0.0:
        return False, 0.0
    x = (real(V[register]) - real(Z[at + k])) / scale
    return isfinite(x), x


@compiled
def _nearest(P: Any, V: Any, Z: Any, a: int, n: int, at: int) -> tuple[bool, int]:
    """The index of the nearest centroid; ties go to the lowest."""
    best, index = -1.0, -1
    for k in range(n):
        known, _ = _input(P, V, Z, a, at, n, k)
        if not known:
            return False, 0
    count = Z[at + 2 * n]
    for j in range(count):
        distance = 0.0
        for k in range(n):
            _, x = _input(P, V, Z, a, at, n, k)
            off = x - real(Z[at + 2 * n + 1 + j * n + k])
            distance += off * off
        if isfinite(distance) and (index < 0 or distance < best):
            best, index = distance, j
    return index >= 0, index


@compiled
def _predicted(P: Any, V: Any, Z: Any, a: int, n: int, at: int) -> tuple[bool, int]:
    """Intercept plus weighted inputs, through the link (0: identity, 1: logistic)."""
    score = real(Z[at + 2 * n])
    for k in range(n):
        known, x = _input(P, V, Z, a, at, n, k)
        if not known:
            return False, 0
        score += x * real(Z[at + 2 * n + 2 + k])
    if not isfinite(score):
        return False, 0
    if Z[at + 2 * n + 1] == 1:
        score = 1 / (1 + exp(-score)) if score > -700 else 0.0
    return True, bits(score)
