CREATE TEMP TABLE "coterie_group_0" AS
SELECT
  "t6"."id",
  COTERIE_FINITE(
    FSUM(
      COTERIE_REAL_PRODUCT(
        GREATEST(CAST("t6"."value_1" AS DOUBLE) / 100.0, COTERIE_REAL(0.0)),
        COTERIE_DECAY(
          CAST((
            COTERIE_STEPS("t6"."t", 86400000000) * 86400000000
          ) - "t6"."at" AS DOUBLE) * 1.146076687433772e-12
        )
      )
    ) FILTER(WHERE
      "t6"."mask_0" AND (
        "t6"."value_1" IS NOT NULL
      ))
  ) AS "leaf_0"
FROM (
  SELECT
    "t5"."id",
    "t5"."t",
    "t5"."at",
    "t5"."key",
    "t5"."p_revenue_decimal2",
    "t5"."at" <= (
      COTERIE_STEPS("t5"."t", 86400000000) * 86400000000
    ) AS "mask_0",
    "t5"."p_revenue_decimal2" AS "value_1"
  FROM (
    SELECT
      "t2"."id",
      "t2"."t",
      "t4"."at",
      "t4"."key",
      "t4"."p_revenue_decimal2"
    FROM (
      SELECT
        "t0"."profile",
        "t0"."at",
        "t0"."key",
        "t0"."offset",
        "t0"."retired",
        0 AS "event",
        "t0"."p_revenue" AS "p_revenue_decimal2"
      FROM "coterie_events_1" AS "t0"
    ) AS "t4"
    INNER JOIN "coterie_points" AS "t2"
      ON "t4"."profile" = "t2"."who"
      AND "t4"."offset" <= "t2"."n"
      AND "t4"."at" <= "t2"."t"
      AND (
        (
          "t4"."retired" IS NULL
        ) OR (
          "t4"."retired" > "t2"."n"
        )
      )
  ) AS "t5"
) AS "t6"
GROUP BY
  1;

WITH layer_0 AS (
SELECT
  "t2"."id",
  "t2"."t",
  "t4"."leaf_0"
FROM "coterie_points" AS "t2"
LEFT OUTER JOIN (
  SELECT
    "t1"."id" AS "coterie_group_0_id",
    "t1"."leaf_0"
  FROM "coterie_group_0" AS "t1"
) AS "t4"
  ON "t2"."id" = "t4"."coterie_group_0_id"
),
layer_1 AS (
SELECT
  "t0"."id",
  "t0"."t",
  "t0"."leaf_0",
  "t0"."leaf_0" AS "of_0"
FROM "layer_0" AS "t0"
)
SELECT
  "t0"."id",
  "t0"."of_0" AS "out_0"
FROM "layer_1" AS "t0";
