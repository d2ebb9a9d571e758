"""The instructions: one loop that computes expressions, for an event and for a person alike.

A register is two words of `V`: a value and whether it is known. The first register holds the
earliest deadline that an instruction met, and the definition it belongs to.
"""

from __future__ import annotations

from math import floor, isfinite, log
from typing import Any

from coterie.engines.stream import layout as y
from coterie.engines.stream import models, wide, windows
from coterie.engines.stream.compiled import compiled
from coterie.engines.stream.wide import bits, real

FAR = 2**61


@compiled
def run(
    M: Any, P: Any, V: Any, X: Any, Y: Any, Z: Any, code: int, n: int, r: int, u: int, t: int
) -> None:
    """Execute `n` instructions.

    Parameters
    ----------
    M, P, V, X, Y, Z : arrays of int64 (`Y`: uint8)
        Memory, program, registers, order of texts, matches of texts, parameters of fits.
    code, n : int
        Where the instructions begin in the program, and how many there are.
    r, u : int
        The person's row, and the occurrence that row expressions read.
    t : int
        The instant of evaluation, microseconds UTC.
    """
    for i in range(code, code + n * y.INSTRUCTION, y.INSTRUCTION):
        op = P[i + y.I_OP]
        if op <= y.OP_CLOCK:
            known, v = _leaf(M, P, V, X, i, r, u, t)
        elif op <= y.OP_RESCALE:
            known, v = _number(P, V, i)
        elif op <= y.OP_COMPARE_DECAY:
            known, v = _compare(P, V, X, i, t)
        elif op <= y.OP_KNOWN:
            known, v = _logic(P, V, i)
        elif op <= y.OP_AGE:
            known, v = _choice(M, P, V, Y, i, t)
        else:
            known, v = models.apply(P, V, Z, i)
        to = 2 * P[i + y.I_TO]
        V[to] = v
        V[to + 1] = 1 if known else 0


@compiled
def note(V: Any, when: int, why: int) -> None:
    """Remember a deadline, if it is the earliest."""
    if when < V[0]:
        V[0] = when
        V[1] = why


@compiled
def _leaf(
    M: Any, P: Any, V: Any, X: Any, i: int, r: int, u: int, t: int
) -> tuple[bool, int]:
    op, a = P[i + y.I_OP], P[i + y.I_A]
    if op == y.OP_CELL:
        at = u + y.OCCURRENCE + 2 * a
        return M[at + 1] != 0, M[at]
    if op == y.OP_AT:
        return True, M[u + y.U_AT]
    if op == y.OP_CLOCK:
        return True, t - a
    b = P[i + y.I_B]
    if b >= 0:
        return windows.since(M, P, X, a, r, t, V[2 * b + 1], V[2 * b])
    return windows.value(M, P, X, a, r, t)


@compiled
def _number(P: Any, V: Any, i: int) -> tuple[bool, int]:
    op, a, b = P[i + y.I_OP], 2 * P[i + y.I_A], 2 * P[i + y.I_B]
    c, d = P[i + y.I_C], P[i + y.I_D]
    if V[a + 1] == 0:
        return False, 0
    if op == y.OP_TO_REAL:
        return True, bits(V[a] / float(c))
    if op == y.OP_RESCALE:
        return wide.product(V[a], c, 1)
    if V[b + 1] == 0:
        return False, 0
    if op == y.OP_COMBINE:
        return wide.combined(V[a], c, V[b], d)
    if op == y.OP_PRODUCT:
        return wide.product(V[a], V[b], c)
    if op == y.OP_QUOTIENT:
        return wide.quotient(V[a], c, V[b], d)
    return _real(c, real(V[a]), real(V[b]))


@compiled
def _real(op: int, a: float, b: float) -> tuple[bool, int]:
    if op == 0:
        c = a + b
    elif op == 1:
        c = a - b
    elif op == 2:
        c = a * b
    elif b == 0.0:
        return False, 0
    else:
        c = a / b
    return isfinite(c), bits(c)


# --- comparisons -------------------------------------------------------------------------------


@compiled
def holds(order: int, cmp: int) -> bool:
    """Whether an order (-1, 0, 1) of two values is the one that a comparison asks for."""
    if cmp == y.EQ:
        return order == 0
    if cmp == y.NE:
        return order != 0
    if cmp == y.LT:
        return order < 0
    if cmp == y.LE:
        return order <= 0
    if cmp == y.GT:
        return order > 0
    return order >= 0


@compiled
def _compare(P: Any, V: Any, X: Any, i: int, t: int) -> tuple[bool, int]:
    op, a, b, cmp = P[i + y.I_OP], 2 * P[i + y.I_A], 2 * P[i + y.I_B], P[i + y.I_C]
    if V[a + 1] == 0:
        return False, 0
    if op == y.OP_COMPARE_CLOCK:
        return True, 1 if _with_clock(P, V, i, V[a], cmp, t) else 0
    if V[b + 1] == 0:
        return False, 0
    if op == y.OP_COMPARE:
        order = (V[a] > V[b]) - (V[a] < V[b])
    elif op == y.OP_COMPARE_WIDE:
        order = wide.ordered(V[a], P[i + y.I_D], V[b], P[i + y.I_E])
    elif op == y.OP_COMPARE_TEXT:
        order = (X[V[a]] > X[V[b]]) - (X[V[a]] < X[V[b]])
    else:
        left, right = real(V[a]), real(V[b])
        order = (left > right) - (left < right)
        if op == y.OP_COMPARE_DECAY:
            _crossing(V, left, right, real(P[i + y.I_D]), t, P[i + y.I_WHY])
    return True, 1 if holds(order, cmp) else 0


@compiled
def _with_clock(P: Any, V: Any, i: int, moment: int, cmp: int, t: int) -> bool:
    """An instant compared with the clock less a length: it changes there, or just after."""
    minus = P[i + y.I_B]
    if -FAR < moment < FAR:
        meets = moment + minus
        if meets > t:
            note(V, meets, P[i + y.I_WHY])
        elif meets == t:
            note(V, meets + 1, P[i + y.I_WHY])
    passed = t - minus
    return holds((moment > passed) - (moment < passed), cmp)


@compiled
def _crossing(V: Any, value: float, constant: float, rate: float, t: int, why: int) -> None:
    """When a fading sum falls through a constant: both ends of the microsecond it happens in."""
    if 0.0 < constant <= value and isfinite(value):
        after = log(value / constant) / rate
        if after < FAR:
            when = t + int(floor(after))
            note(V, when if when > t else t + 1, why)


# --- three-valued logic ------------------------------------------------------------------------


@compiled
def _logic(P: Any, V: Any, i: int) -> tuple[bool, int]:
    op, a, b = P[i + y.I_OP], 2 * P[i + y.I_A], 2 * P[i + y.I_B]
    if op == y.OP_KNOWN:
        return True, 1 if V[a + 1] != 0 else 0
    if op == y.OP_NOT:
        return V[a + 1] != 0, 1 - V[a]
    decides = 0 if op == y.OP_AND else 1
    if (V[a + 1] != 0 and V[a] == decides) or (V[b + 1] != 0 and V[b] == decides):
        return True, decides
    return V[a + 1] != 0 and V[b + 1] != 0, 1 - decides


@compiled
def _choice(M: Any, P: Any, V: Any, Y: Any, i: int, t: int) -> tuple[bool, int]:
    op, a, b, c = P[i + y.I_OP], 2 * P[i + y.I_A], P[i + y.I_B], P[i + y.I_C]
    if op == y.OP_SELECT:
        chosen = 2 * (b if V[a + 1] != 0 and V[a] == 1 else c)
        return V[chosen + 1] != 0, V[chosen]
    if V[a + 1] == 0:
        return False, 0
    if op == y.OP_IN:
        for k in range(b, b + c):
            if P[k] == V[a]:
                return True, 1
        return True, 0
    if op == y.OP_MATCH:
        return True, int(Y[b * M[y.CAPACITY] + V[a]])
    if op == y.OP_HAS:
        for k in range(V[a] + 1, V[a] + 1 + M[V[a]]):
            if c == 1 and M[k] == b:
                return True, 1
        return True, 0
    steps = (t - V[a]) // b
    if -FAR < V[a] < FAR:
        note(V, V[a] + (steps + 1) * b, P[i + y.I_WHY])
    return True, steps
