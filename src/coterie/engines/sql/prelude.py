"""The functions that the interpreter creates on a connection: one meaning, two spellings.

Exact numbers follow :mod:`coterie.language.numbers`: they are computed in more than 64 bits
(``HUGEINT``, ``numeric``), and what does not fit 64 bits is null. Reals are finite or null; what is
too small for 64 bits is 0.

==================== ===========================================================================
``fit(x)``           a wide number as 64 bits, null where it does not fit
``total_of(a,u,b,v)````a * u + b * v``
``product(a,b,d)``   ``a * b / d``, half away from zero
``quotient(a,u,b,v)````(a * u) / (b * v)``, half away from zero; null where `b` is 0
``mean_of(s,u,n)``   ``s * u / n`` of a wide sum, half away from zero; null where `n` is 0
``wide(a,u)``        ``a * u`` in more than 64 bits, to compare
``often(n,t)``       `n` and then `t`, as one number that orders so
``steps(a,s)``       ``a / s`` rounded down
``finite(x)``        a sum of reals, null where it is not finite
``real_…(a,b)``      ``a op b``, null where it is not finite or divides by 0
``real(x)``          a constant as a real: databases read ``1.5`` as an exact number
``decay(x)``         ``exp(-x)``
``exactly(x)``       a real in the form that sums without loss (PostgreSQL)
``high, low, huge``  three parts of a real that sum without loss, and ``whole`` of them (DuckDB)
==================== ===========================================================================
"""

from __future__ import annotations


def let(value: str, name: str, body: str) -> str:
    """DuckDB's ``let name = value in body``: a macro that wrote `value` twice would double nested
    calls again and again.
    """  # noqa: D205
    return f"list_transform([{value}], lambda {name}: {body})[1]"


_ROUNDED = "(2 * abs(f.n) + abs(f.m)) // (2 * abs(f.m))"
_FRACTION = (
    f"CASE WHEN f.m = 0 THEN NULL WHEN (f.n < 0) = (f.m < 0) THEN {_ROUNDED} ELSE -({_ROUNDED}) END"
)
_FLOOR = "(v - (((v % s) + s) % s)) // s"

_DUCKDB = {
    "fit(x)": "try_cast(x AS BIGINT)",
    "total_of(a, u, b, v)": "try_cast(a::HUGEINT * u + b::HUGEINT * v AS BIGINT)",
    # 2^126 is the largest product, and twice that does not fit: half of `d` is added instead.
    "product(a, b, d)": "try_cast({} AS BIGINT)".format(
        let(
            "a::HUGEINT * b",
            "w",
            "CASE WHEN w < 0 THEN -((-w + d::HUGEINT // 2) // d::HUGEINT)"
            " ELSE (w + d::HUGEINT // 2) // d::HUGEINT END",
        )
    ),
    "fraction(n, m)": "try_cast({} AS BIGINT)".format(
        let("{'n': n::HUGEINT, 'm': m::HUGEINT}", "f", _FRACTION)
    ),
    "quotient(a, u, b, v)": "coterie_fraction(a::HUGEINT * u, b::HUGEINT * v)",
    # Of aggregates, which are computed once however often they are written.
    "mean_of(s, u, n)": "try_cast(CASE WHEN n = 0 THEN NULL"
    " WHEN s < 0 THEN -((-2 * (s::HUGEINT * u) + n) // (2 * n))"
    " ELSE (2 * (s::HUGEINT * u) + n) // (2 * n) END AS BIGINT)",
    "wide(a, u)": "a::HUGEINT * u",
    "often(n, t)": f"n::HUGEINT * {2**64} + t",
    "steps(a, s)": let("a", "v", _FLOOR),
    "finite(x)": let("x", "v", "CASE WHEN isfinite(v) THEN v END"),
    "real_sum(a, b)": "coterie_finite(a + b)",
    "real_difference(a, b)": "coterie_finite(a - b)",
    "real_product(a, b)": "coterie_finite(a * b)",
    "real_quotient(a, b)": "coterie_finite(a / {})".format(
        let("b", "v", "CASE WHEN v <> 0 THEN v END")
    ),
    "real(x)": "x::DOUBLE",
    "decay(x)": "exp(-x)",
    # A sum in parts that lose nothing: multiples of 2^-44 below 2^56, their rests, and the others.
    "high(x)": "CASE WHEN abs(x) < 2^56 THEN floor(x * 2^44)::HUGEINT"
    " WHEN x IS NOT NULL THEN 0 END",
    "low(x)": "CASE WHEN abs(x) < 2^56 THEN x * 2^44 - floor(x * 2^44) ELSE x * 0 END",
    "huge(x)": "CASE WHEN abs(x) >= 2^56 THEN x ELSE x * 0 END",
    "whole(h, l, g)": "coterie_finite((h::DOUBLE + l) / 2^44 + g)",
}

DUCKDB = tuple(
    f"CREATE OR REPLACE TEMP MACRO coterie_{head} AS ({body})" for head, body in _DUCKDB.items()
)

_TOO_LARGE, _TOO_SMALL = 2**63, -(2**63) - 1

_POSTGRES = {
    # One mention of x, so that nested calls stay short when the planner writes them out.
    "fit(x numeric) RETURNS bigint": (
        f"nullif(nullif(greatest(least(x, {_TOO_LARGE}), {_TOO_SMALL}), {_TOO_LARGE}),"
        f" {_TOO_SMALL})::bigint"
    ),
    "total_of(a bigint, u bigint, b bigint, v bigint) RETURNS bigint": (
        "pg_temp.coterie_fit(a::numeric * u + b::numeric * v)"
    ),
    "half_away(n numeric, m numeric) RETURNS numeric": "div(2 * n + m, 2 * m)",
    "product(a bigint, b bigint, d bigint) RETURNS bigint": (
        "pg_temp.coterie_fit(sign(a::numeric) * sign(b::numeric)"
        " * pg_temp.coterie_half_away(abs(a::numeric * b), d))"
    ),
    "quotient(a bigint, u bigint, b bigint, v bigint) RETURNS bigint": (
        "pg_temp.coterie_fit(sign(a::numeric) * sign(b::numeric)"
        " * pg_temp.coterie_half_away(abs(a::numeric * u), abs(nullif(b, 0)::numeric * v)))"
    ),
    "mean_of(s numeric, u bigint, n bigint) RETURNS bigint": (
        "pg_temp.coterie_fit(sign(s) * pg_temp.coterie_half_away(abs(s * u), nullif(n, 0)))"
    ),
    "wide(a bigint, u bigint) RETURNS numeric": "a::numeric * u",
    "often(n bigint, t bigint) RETURNS numeric": f"n::numeric * {2**64} + t",
    "steps(a bigint, s bigint) RETURNS bigint": "(a - (((a % s) + s) % s)) / s",
    "finite(x numeric) RETURNS double precision": (
        "CASE WHEN abs(x) < 1e-300 THEN 0"
        " WHEN abs(x) <= 1.7976931348623157e308 THEN x::double precision END"
    ),
    "real(x double precision) RETURNS double precision": "x",
    "decay(x double precision) RETURNS double precision": (
        "CASE WHEN x > 745 THEN 0 ELSE exp(-x) END"
    ),
    "exactly(x double precision) RETURNS numeric": "x::text::numeric",
}

# PostgreSQL raises where a real overflows or vanishes; only such a pair pays for a subtransaction.
_GUARDED = """
CREATE OR REPLACE FUNCTION pg_temp.coterie_{name}(a double precision, b double precision)
RETURNS double precision LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF a IS NULL OR b IS NULL OR ({zero}) THEN RETURN NULL; END IF;
  BEGIN
    RETURN a {op} b;
  EXCEPTION WHEN numeric_value_out_of_range THEN
    RETURN CASE WHEN {vanishes} THEN 0 END;
  END;
END $$
"""

_REAL = {
    "real_sum": ("+", "false", "false"),
    "real_difference": ("-", "false", "false"),
    "real_product": ("*", "false", "abs(a) < 1 OR abs(b) < 1"),
    "real_quotient": ("/", "b = 0", "abs(a) < 1 OR abs(b) > 1"),
    "real_power": ("^", "false", "b < 0"),
}

POSTGRES = (
    "SET jit = off",  # compiling a short statement takes longer than running it
    "SET extra_float_digits = 1",
    *(
        f"CREATE OR REPLACE FUNCTION pg_temp.coterie_{head} LANGUAGE sql IMMUTABLE AS"
        f" $$ SELECT {body} $$"
        for head, body in _POSTGRES.items()
    ),
    *(
        _GUARDED.format(name=name, op=op, zero=zero, vanishes=vanishes)
        for name, (op, zero, vanishes) in _REAL.items()
    ),
)
