CREATE TEMP TABLE "coterie_group_0_seen" AS
SELECT
  "t9"."id",
  "t9"."value",
  PG_TEMP.COTERIE_OFTEN(
    NULLIF(COUNT(*) FILTER(WHERE
      "t9"."mask_0"), 0),
    MAX("t9"."at") FILTER(WHERE
      "t9"."mask_0")
  ) AS "leaf_0_rank"
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
  2;

CREATE TEMP TABLE "coterie_group_0_most" AS
SELECT
  "t5"."id",
  (
    ARRAY_AGG("t5"."value") FILTER(WHERE
      "t5"."value" IS NOT NULL AND "t5"."leaf_0_rank" = "t5"."leaf_0_first")
  )[CASE
    WHEN 0 < 0
    THEN CARDINALITY(
      ARRAY_AGG("t5"."value") FILTER(WHERE
        "t5"."value" IS NOT NULL AND "t5"."leaf_0_rank" = "t5"."leaf_0_first")
    ) + (
      0 + 1
    )
    ELSE 0 + 1
  END] AS "leaf_0",
  COUNT(*) FILTER(WHERE
    "t5"."leaf_0_rank" = "t5"."leaf_0_first") AS "leaf_0_shared"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t1"."id",
      "t1"."value",
      "t1"."leaf_0_rank",
      "t3"."leaf_0_first"
    FROM "coterie_group_0_seen" AS "t1"
    INNER JOIN (
      SELECT
        "t0"."id",
        MAX("t0"."leaf_0_rank") AS "leaf_0_first"
      FROM "coterie_group_0_seen" AS "t0"
      GROUP BY
        1
    ) AS "t3"
      ON "t1"."id" = "t3"."id"
  ) AS "t4"
  WHERE
    "t4"."leaf_0_rank" = "t4"."leaf_0_first"
) AS "t5"
GROUP BY
  1;

CREATE TEMP TABLE "coterie_group_0_tied" AS
SELECT
  "t0"."id"
FROM "coterie_group_0_most" AS "t0"
WHERE
  "t0"."leaf_0_shared" > 1;

CREATE TEMP TABLE "coterie_group_0" AS
SELECT
  *
FROM (
  SELECT
    "t5"."id",
    "t5"."leaf_0"
  FROM "coterie_group_0_most" AS "t5"
  WHERE
    NOT EXISTS(
      SELECT
        1
      FROM "coterie_group_0_tied" AS "t6"
      WHERE
        "t5"."id" = "t6"."id"
    )
) AS "t12"
UNION ALL
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t17"."id",
      (
        ARRAY_AGG(
          "t17"."value" ORDER BY ROW(
            CAST("t17"."leaf_0_n" AS BIGINT),
            CAST("t17"."leaf_0_at" AS BIGINT),
            CAST("t17"."leaf_0_key" AS BYTEA)
          ) DESC NULLS LAST
        ) FILTER(WHERE
          ROW(
            CAST("t17"."leaf_0_n" AS BIGINT),
            CAST("t17"."leaf_0_at" AS BIGINT),
            CAST("t17"."leaf_0_key" AS BYTEA)
          ) IS NOT NULL
          AND "t17"."leaf_0_n" > 0)
      )[1] AS "leaf_0"
    FROM (
      SELECT
        "t16"."id",
        "t16"."value",
        COUNT(*) FILTER(WHERE
          "t16"."mask_0") AS "leaf_0_n",
        MAX("t16"."at") FILTER(WHERE
          "t16"."mask_0") AS "leaf_0_at",
        (
          ARRAY_AGG(
            "t16"."key" ORDER BY ROW(CAST("t16"."at" AS BIGINT), CAST("t16"."key" AS BYTEA)) DESC NULLS LAST
          ) FILTER(WHERE
            ROW(CAST("t16"."at" AS BIGINT), CAST("t16"."key" AS BYTEA)) IS NOT NULL
            AND "t16"."mask_0")
        )[1] AS "leaf_0_key"
      FROM (
        SELECT
          "t15"."id",
          "t15"."t",
          "t15"."at",
          "t15"."key",
          "t15"."event",
          "t15"."p_category_text",
          "t15"."mask_0",
          "t15"."value_1",
          "t15"."value"
        FROM (
          SELECT
            "t13"."id",
            "t13"."t",
            "t13"."at",
            "t13"."key",
            "t13"."event",
            "t13"."p_category_text",
            (
              "t13"."event" = 1
            ) OR (
              "t13"."event" = 0
            ) AS "mask_0",
            "t13"."p_category_text" AS "value_1",
            "t13"."p_category_text" AS "value"
          FROM (
            SELECT
              "t7"."id",
              "t7"."t",
              "t11"."at",
              "t11"."key",
              "t11"."event",
              "t11"."p_category_text"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t3"."profile",
                  "t3"."at",
                  "t3"."key",
                  "t3"."offset",
                  "t3"."retired",
                  0 AS "event",
                  "t3"."p_category" AS "p_category_text"
                FROM "coterie_events_0" AS "t3"
              ) AS "t8"
              UNION ALL
              SELECT
                *
              FROM (
                SELECT
                  "t4"."profile",
                  "t4"."at",
                  "t4"."key",
                  "t4"."offset",
                  "t4"."retired",
                  1 AS "event",
                  "t4"."p_category" AS "p_category_text"
                FROM "coterie_events_1" AS "t4"
              ) AS "t9"
            ) AS "t11"
            INNER JOIN "coterie_points" AS "t7"
              ON "t11"."profile" = "t7"."who"
              AND "t11"."offset" <= "t7"."n"
              AND "t11"."at" <= "t7"."t"
              AND (
                (
                  "t11"."retired" IS NULL
                ) OR (
                  "t11"."retired" > "t7"."n"
                )
              )
          ) AS "t13"
          WHERE
            "t13"."p_category_text" IS NOT NULL
        ) AS "t15"
        INNER JOIN "coterie_group_0_tied" AS "t6"
          ON "t15"."id" = "t6"."id"
      ) AS "t16"
      GROUP BY
        1,
        2
    ) AS "t17"
    GROUP BY
      1
  ) AS "t18"
) AS "t19";

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
