"""The functions of models that the interpreter creates on a connection.

What they compute says :mod:`coterie.engines.models`; reals are finite or null, as in the prelude.

==================== ===========================================================================
``bounded(x,a,b)``   `x`, at least `a` and at most `b`; null stays null
``log1p(x)``         ``ln(1 + x)``, null at -1 and below
``yeo_johnson(x,l)`` the power transformation
``products(x,m)``    the inner products of a list with each list of `m`
``scores(v,o)``      each number of `o`, less half of the sum of squares of its share of `v`
``best(v)``          the index of the greatest number, the lowest of several, from 0 on
==================== ===========================================================================
"""

from __future__ import annotations

from coterie.engines.sql.prelude import let

_POWER = (
    "sign(f.v) * CASE WHEN f.b = 0 THEN ln(1 + abs(f.v))"
    " ELSE (pow(1 + abs(f.v), f.b) - 1) / f.b END"
)
_SHARE = "v[(j - 1) * (len(v) // len(o)) + 1 : j * (len(v) // len(o))]"

_DUCKDB = {
    "bounded(x, a, b)": "CASE WHEN x IS NOT NULL THEN least(greatest(x, a), b) END",
    "log1p(x)": let("x", "v", "CASE WHEN v > -1 THEN ln(1 + v) END"),
    "yeo_johnson(x, l)": "coterie_finite({})".format(
        let("{'v': x, 'b': CASE WHEN x >= 0 THEN l ELSE 2 - l END}", "f", _POWER)
    ),
    "products(x, m)": let("x", "v", "list_transform(m, lambda r: list_inner_product(r, v))"),
    "scores(s, o)": let(
        "s",
        "v",
        "list_transform(range(1, len(o) + 1), lambda j: {})".format(
            let(_SHARE, "w", "o[j] - list_inner_product(w, w) / 2")
        ),
    ),
    "best(s)": let(
        "list_transform(s, lambda y: CASE WHEN isfinite(y) THEN y END)",
        "v",
        "CASE WHEN list_max(v) IS NOT NULL THEN list_position(v, list_max(v))::BIGINT - 1 END",
    ),
}

DUCKDB = tuple(
    f"CREATE OR REPLACE TEMP MACRO coterie_{head} AS ({body})" for head, body in _DUCKDB.items()
)

_REAL, _REALS = "double precision", "double precision[]"

_POSTGRES = {
    f"bounded(x {_REAL}, a {_REAL}, b {_REAL}) RETURNS {_REAL}": (
        "CASE WHEN x IS NOT NULL THEN least(greatest(x, a), b) END"
    ),
    f"log1p(x {_REAL}) RETURNS {_REAL}": "CASE WHEN x > -1 THEN ln(1 + x) END",
    f"bent(x {_REAL}, b {_REAL}) RETURNS {_REAL}": (
        "CASE WHEN b = 0 THEN ln(1 + x) ELSE pg_temp.coterie_real_quotient("
        "pg_temp.coterie_real_power(1 + x, b) - 1, b) END"
    ),
    f"yeo_johnson(x {_REAL}, l {_REAL}) RETURNS {_REAL}": (
        "sign(x) * pg_temp.coterie_bent(abs(x), CASE WHEN x >= 0 THEN l ELSE 2 - l END)"
    ),
    f"best(s {_REALS}) RETURNS bigint": (
        "i - 1 FROM unnest(s) WITH ORDINALITY AS t(y, i) WHERE y IS NOT NULL"
        " ORDER BY y DESC, i LIMIT 1"
    ),
}

# PostgreSQL raises where a real overflows or vanishes; such a pair is computed step by step.
_PRODUCT = """
CREATE OR REPLACE FUNCTION pg_temp.coterie_inner(x double precision[], w double precision[])
RETURNS double precision LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE total double precision := 0;
BEGIN
  BEGIN
    RETURN (SELECT sum(a * b) FROM unnest(x, w) AS t(a, b));
  EXCEPTION WHEN numeric_value_out_of_range THEN
    FOR i IN 1 .. array_length(x, 1) LOOP
      total := pg_temp.coterie_real_sum(total, pg_temp.coterie_real_product(x[i], w[i]));
    END LOOP;
    RETURN total;
  END;
END $$
"""

_PRODUCTS = """
CREATE OR REPLACE FUNCTION pg_temp.coterie_products(x double precision[], m double precision[])
RETURNS double precision[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  found double precision[] := '{}';
  row double precision[];
BEGIN
  FOREACH row SLICE 1 IN ARRAY m LOOP
    found := array_append(found, pg_temp.coterie_inner(x, row));
  END LOOP;
  RETURN found;
END $$
"""

_SCORES = """
CREATE OR REPLACE FUNCTION pg_temp.coterie_scores(v double precision[], o double precision[])
RETURNS double precision[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  found double precision[] := '{}';
  share integer := array_length(v, 1) / array_length(o, 1);
  part double precision[];
BEGIN
  FOR j IN 1 .. array_length(o, 1) LOOP
    part := v[(j - 1) * share + 1 : j * share];
    found := array_append(found, CASE WHEN array_position(part, NULL) IS NULL THEN
      pg_temp.coterie_real_difference(
        o[j], pg_temp.coterie_real_quotient(pg_temp.coterie_inner(part, part), 2)) END);
  END LOOP;
  RETURN found;
END $$
"""

POSTGRES = (
    *(
        f"CREATE OR REPLACE FUNCTION pg_temp.coterie_{head} LANGUAGE sql IMMUTABLE AS"
        f" $$ SELECT {body} $$"
        for head, body in _POSTGRES.items()
    ),
    _PRODUCT,
    _PRODUCTS,
    _SCORES,
)
