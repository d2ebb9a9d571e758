CREATE TEMP TABLE "coterie_group_0" AS
SELECT
  "t6"."id",
  COTERIE_FIT(SUM("t6"."value_0")) AS "leaf_0",
  COUNT(*) FILTER(WHERE
    "t6"."mask_1") AS "leaf_1",
  COUNT(*) AS "leaf_2"
FROM (
  SELECT
    "t5"."id",
    "t5"."t",
    "t5"."at",
    "t5"."key",
    "t5"."p_revenue_decimal2",
    "t5"."p_revenue_decimal2" AS "value_0",
    (
      "t5"."p_revenue_decimal2" > 0
    )
    AND (
      "t5"."at" > (
        "t5"."t" - 2592000000000
      )
    ) AS "mask_1"
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
  "t4"."leaf_0",
  "t4"."leaf_1",
  "t4"."leaf_2"
FROM "coterie_points" AS "t2"
LEFT OUTER JOIN (
  SELECT
    "t1"."id" AS "coterie_group_0_id",
    "t1"."leaf_0",
    "t1"."leaf_1",
    "t1"."leaf_2"
  FROM "coterie_group_0" AS "t1"
) AS "t4"
  ON "t2"."id" = "t4"."coterie_group_0_id"
),
layer_1 AS (
SELECT
  "t0"."id",
  "t0"."t",
  "t0"."leaf_0",
  "t0"."leaf_1",
  "t0"."leaf_2",
  "t0"."leaf_0" AS "of_0",
  COALESCE("t0"."leaf_1", 0) AS "of_1"
FROM "layer_0" AS "t0"
),
layer_2 AS (
SELECT
  "t0"."id",
  "t0"."t",
  "t0"."leaf_0",
  "t0"."leaf_1",
  "t0"."leaf_2",
  "t0"."of_0",
  "t0"."of_1",
  COALESCE(
    (
      COTERIE_QUOTIENT("t0"."of_0", 1000000, 3, 100) > 100000000
    )
    AND (
      COALESCE("t0"."leaf_2", 0) >= 2
    ),
    FALSE
  ) AS "of_2"
FROM "layer_1" AS "t0"
)
SELECT
  "t0"."id",
  "t0"."of_0" AS "out_0",
  "t0"."of_1" AS "out_1",
  "t0"."of_2" AS "out_2"
FROM "layer_2" AS "t0";
