"""The instructions: one loop that computes expressions, for an event and for a person alike.

A register is two words of the memory: a value and whether it is known. The header holds the
earliest deadline that an instruction met, and the definition it belongs to.
"""

from __future__ import annotations

from math import floor, isfinite, log

from coterie.engines.stream import folding, models, wide, windows
from coterie.engines.stream import layout as y
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.wide import bits, real

FAR = 2**61


@compiled
def run(M: Memory, X: Memory, Y: Memory, code: int, n: int, r: int, u: int, t: int) -> None:
    """Execute `n` instructions.

    Parameters
    ----------
    M, X, Y : arrays of int64 (`Y`: uint8)
        Memory, order of texts, matches of texts.
    code, n : int
        Where the instructions begin, and how many there are.
    r, u : int
        The person's row, and the occurrence that row expressions read.
    t : int
        The instant of evaluation, microseconds UTC.
    """
    for i in range(code, code + n * y.INSTRUCTION, y.INSTRUCTION):
        op = M[i + y.I_OP]
        if op <= y.OP_CLOCK:
            known, v = _leaf(M, X, i, r, u, t)
        elif op <= y.OP_RESCALE:
            known, v = _number(M, i)
        elif op <= y.OP_COMPARE_DECAY:
            known, v = _compare(M, X, i, r, t)
        elif op <= y.OP_KNOWN:
            known, v = _logic(M, i)
        elif op <= y.OP_AGE:
            known, v = _choice(M, Y, i, t)
        else:
            known, v = models.apply(M, i)
        to = M[i + y.I_TO]
        M[to] = v
        M[to + 1] = 1 if known else 0


@compiled
def note(M: Memory, when: int) -> None:
    """Remember a deadline, if it is the earliest."""
    if when < M[y.NEXT]:
        M[y.NEXT] = when


@compiled
def _leaf(M: Memory, X: Memory, i: int, r: int, u: int, t: int) -> tuple[bool, int]:
    op, a = M[i + y.I_OP], M[i + y.I_A]
    if op == y.OP_CELL:
        at = u + y.OCCURRENCE + 2 * a
        return M[at + 1] != 0, M[at]
    if op == y.OP_AT:
        return True, M[u + y.U_AT]
    if op == y.OP_CLOCK:
        return True, t - a
    if M[a + y.L_RING] == y.NO_RING:
        return folding.value(M, a, r + M[a + y.L_STATE], t)
    b = M[i + y.I_B]
    windows.expire(M, a, r, t)
    if M[i + y.I_D] == 1:
        note(M, windows.due(M, a, r, t))
    if b > 0:
        return windows.since(M, X, a, r, t, M[b + 1], M[b])
    return windows.value(M, X, a, r, t)


@compiled
def _number(M: Memory, i: int) -> tuple[bool, int]:
    op, a, b = M[i + y.I_OP], M[i + y.I_A], M[i + y.I_B]
    c, d = M[i + y.I_C], M[i + y.I_D]
    if M[a + 1] == 0:
        return False, 0
    if op == y.OP_TO_REAL:
        return True, bits(M[a] / float(c))
    if op == y.OP_RESCALE:
        return wide.product(M[a], c, 1)
    if M[b + 1] == 0:
        return False, 0
    if op == y.OP_COMBINE:
        return wide.combined(M[a], c, M[b], d)
    if op == y.OP_PRODUCT:
        return wide.product(M[a], M[b], c)
    if op == y.OP_QUOTIENT:
        return wide.quotient(M[a], c, M[b], d)
    return _real(c, real(M[a]), real(M[b]))


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
def _compare(M: Memory, X: Memory, i: int, r: int, t: int) -> tuple[bool, int]:
    op, a, b, cmp = M[i + y.I_OP], M[i + y.I_A], M[i + y.I_B], M[i + y.I_C]
    if M[a + 1] == 0:
        return False, 0
    if op == y.OP_COMPARE_CLOCK:
        return True, 1 if _with_clock(M, i, M[a], cmp, t) else 0
    if M[b + 1] == 0:
        return False, 0
    if op == y.OP_COMPARE:
        order = (M[a] > M[b]) - (M[a] < M[b])
    elif op == y.OP_COMPARE_COUNT:
        order = (M[a] > M[b]) - (M[a] < M[b])
        leaf = M[i + y.I_D]
        note(M, windows.falls(M, leaf, r, M[b], cmp))
    elif op == y.OP_COMPARE_WIDE:
        order = wide.ordered(M[a], M[i + y.I_D], M[b], M[i + y.I_E])
    elif op == y.OP_COMPARE_TEXT:
        order = (X[M[a]] > X[M[b]]) - (X[M[a]] < X[M[b]])
    else:
        left, right = real(M[a]), real(M[b])
        order = (left > right) - (left < right)
        if op == y.OP_COMPARE_DECAY:
            _crossing(M, left, right, real(M[i + y.I_D]), t)
    return True, 1 if holds(order, cmp) else 0


@compiled
def _with_clock(M: Memory, i: int, moment: int, cmp: int, t: int) -> bool:
    """An instant compared with the clock less a length: it changes there, or just after."""
    minus = M[i + y.I_B]
    if -FAR < moment < FAR:
        meets = moment + minus
        if meets > t and cmp != y.LT and cmp != y.GE:
            note(M, meets)
        elif meets >= t and cmp != y.GT and cmp != y.LE:
            note(M, meets + 1)
    passed = t - minus
    return holds((moment > passed) - (moment < passed), cmp)


@compiled
def _crossing(M: Memory, value: float, constant: float, rate: float, t: int) -> None:
    """When a fading sum falls through a constant: both ends of the microsecond it happens in."""
    if 0.0 < constant <= value and isfinite(value):
        after = log(value / constant) / rate
        if after < FAR:
            when = t + int(floor(after))  # noqa: RUF046 - a real in machine code
            note(M, when if when > t else t + 1)


# --- three-valued logic ------------------------------------------------------------------------


@compiled
def _logic(M: Memory, i: int) -> tuple[bool, int]:
    op, a, b = M[i + y.I_OP], M[i + y.I_A], M[i + y.I_B]
    if op == y.OP_KNOWN:
        return True, 1 if M[a + 1] != 0 else 0
    if op == y.OP_NOT:
        return M[a + 1] != 0, 1 - M[a]
    decides = 0 if op == y.OP_AND else 1
    if (M[a + 1] != 0 and M[a] == decides) or (M[b + 1] != 0 and M[b] == decides):
        return True, decides
    return M[a + 1] != 0 and M[b + 1] != 0, 1 - decides


@compiled
def _choice(M: Memory, Y: Memory, i: int, t: int) -> tuple[bool, int]:
    op, a, b, c = M[i + y.I_OP], M[i + y.I_A], M[i + y.I_B], M[i + y.I_C]
    if op == y.OP_SELECT:
        chosen = b if M[a + 1] != 0 and M[a] == 1 else c
        return M[chosen + 1] != 0, M[chosen]
    if M[a + 1] == 0:
        return False, 0
    if op == y.OP_IN:
        for k in range(b, b + c):
            if M[k] == M[a]:
                return True, 1
        return True, 0
    if op == y.OP_MATCH:
        return True, int(Y[b * M[y.CAPACITY] + M[a]])
    if op == y.OP_HAS:
        for k in range(M[a] + 1, M[a] + 1 + M[M[a]]):
            if c == 1 and M[k] == b:
                return True, 1
        return True, 0
    steps = (t - M[a]) // b
    if -FAR < M[a] < FAR:
        note(M, M[a] + (steps + 1) * b)
    return True, steps
