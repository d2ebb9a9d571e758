CREATE TEMP TABLE "coterie_group_0" AS
SELECT
  *
FROM (
  SELECT
    "t10"."id",
    (
      ARRAY_AGG(
        "t10"."value" ORDER BY ROW(
          CAST("t10"."leaf_0_n" AS BIGINT),
          CAST("t10"."leaf_0_at" AS BIGINT),
          CAST("t10"."leaf_0_key" AS BYTEA)
        ) DESC NULLS LAST
      ) FILTER(WHERE
        ROW(
          CAST("t10"."leaf_0_n" AS BIGINT),
          CAST("t10"."leaf_0_at" AS BIGINT),
          CAST("t10"."leaf_0_key" AS BYTEA)
        ) IS NOT NULL
        AND "t10"."leaf_0_n" > 0)
    )[1] AS "leaf_0"
  FROM (
    SELECT
      "t9"."id",
      "t9"."value",
      COUNT(*) FILTER(WHERE
        "t9"."mask_0") AS "leaf_0_n",
      MAX("t9"."at") FILTER(WHERE
        "t9"."mask_0") AS "leaf_0_at",
      (
        ARRAY_AGG(
          "t9"."key" ORDER BY ROW(CAST("t9"."at" AS BIGINT), CAST("t9"."key" AS BYTEA)) DESC NULLS LAST
        ) FILTER(WHERE
          ROW(CAST("t9"."at" AS BIGINT), CAST("t9"."key" AS BYTEA)) IS NOT NULL
          AND "t9"."mask_0")
      )[1] AS "leaf_0_key"
    FROM (
      SELECT
        "t8"."id",
        "t8"."t",
        "t8"."at",
        "t8"."key",
        "t8"."event",
        "t8"."p_category_text",
        (
          "t8"."event" = 1
        ) OR (
          "t8"."event" = 0
        ) AS "mask_0",
        "t8"."p_category_text" AS "value_1",
        "t8"."p_category_text" AS "value"
      FROM (
        SELECT
          "t3"."id",
          "t3"."t",
          "t7"."at",
          "t7"."key",
          "t7"."event",
          "t7"."p_category_text"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t1"."profile",
              "t1"."at",
              "t1"."key",
              "t1"."offset",
              "t1"."retired",
              0 AS "event",
              "t1"."p_category" AS "p_category_text"
            FROM "coterie_events_0" AS "t1"
          ) AS "t4"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t2"."profile",
              "t2"."at",
              "t2"."key",
              "t2"."offset",
              "t2"."retired",
              1 AS "event",
              "t2"."p_category" AS "p_category_text"
            FROM "coterie_events_1" AS "t2"
          ) AS "t5"
        ) AS "t7"
        INNER JOIN "coterie_points" AS "t3"
          ON "t7"."profile" = "t3"."who"
          AND "t7"."offset" <= "t3"."n"
          AND "t7"."at" <= "t3"."t"
          AND (
            (
              "t7"."retired" IS NULL
            ) OR (
              "t7"."retired" > "t3"."n"
            )
          )
      ) AS "t8"
      WHERE
        "t8"."p_category_text" IS NOT NULL
    ) AS "t9"
    GROUP BY
      1,
      2
  ) AS "t10"
  GROUP BY
    1
) AS "t11";

WITH layer_0 AS MATERIALIZED (
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
layer_1 AS MATERIALIZED (
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
