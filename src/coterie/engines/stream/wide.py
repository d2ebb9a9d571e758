"""Exact arithmetic on units of 64 bits where what lies between needs more of them.

Each function gives ``(known, value)``: not known, with the value 0, where the result does not
fit 64 bits (law 10; `coterie.language.numbers` is the truth). Arguments are 64-bit integers:

- `product(a, b, down)` is ``a * b / down`` rounded half away from zero, ``down > 0``.
- `quotient(a, up, b, under)` is ``(a * up) / (b * under)`` rounded so, not known where `b` is 0;
  ``0 < up <= 10**12``, ``0 < under <= 10**6``.
- `combined(a, up_a, b, up_b)` is ``a * up_a + b * up_b``, the factors of either sign and at most
  ``10**6``.
- `ordered(a, up_a, b, up_b)` is -1, 0 or 1, as ``a * up_a`` is less than, equal to or greater
  than ``b * up_b``; it is always known, and given alone.
- `mean_of(hi, lo, up, n)` is ``(hi * 2**32 + lo) * up / n`` rounded so, ``0 <= lo < 2**32``,
  ``0 < up <= 10**6``, ``n > 0``.
- `fitted(hi, lo)` is ``hi * 2**32 + lo``.

`bits` and `real` cast a real to its 64 bits and back; the bits of negative zero are those of zero.

Compiled, they work on machine words (`limbs`) and are parts of kernels that Python cannot call;
otherwise they work on Python's integers (`whole`).

Examples
--------
>>> from coterie.engines.stream import whole
>>> whole.product(2**62, 3, 2), whole.product(2**62, 4, 2), whole.quotient(-5, 1, 2, 1)
((True, 6917529027641081856), (False, 0), (True, -3))
"""

from __future__ import annotations

from coterie.engines.stream.compiled import COMPILED

if COMPILED:
    from coterie.engines.stream.limbs import (
        bits,
        combined,
        fitted,
        mean_of,
        ordered,
        product,
        quotient,
        real,
    )
else:
    from coterie.engines.stream.whole import (
        bits,
        combined,
        fitted,
        mean_of,
        ordered,
        product,
        quotient,
        real,
    )

__all__ = ["bits", "combined", "fitted", "mean_of", "ordered", "product", "quotient", "real"]
