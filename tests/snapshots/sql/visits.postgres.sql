CREATE TEMP TABLE "coterie_group_0" AS
SELECT
  "t13"."id",
  COUNT(*) AS "leaf_0"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t11"."id",
      "t11"."t",
      "t11"."at",
      "t11"."key"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t9"."id",
          "t9"."t",
          "t9"."at",
          "t9"."key",
          LAG("t9"."at") OVER (
            PARTITION BY "t9"."id"
            ORDER BY "t9"."at" ASC, "t9"."key" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "before"
        FROM (
          SELECT
            "t8"."id",
            "t8"."t",
            "t8"."at",
            "t8"."key"
          FROM (
            SELECT
              "t3"."id",
              "t3"."t",
              "t7"."at",
              "t7"."key",
              "t7"."event"
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
                  0 AS "event"
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
                  1 AS "event"
                FROM "coterie_events_2" AS "t2"
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
            (
              "t8"."event" = 1
            ) OR (
              "t8"."event" = 0
            )
        ) AS "t9"
      ) AS "t10"
      WHERE
        (
          "t10"."before" IS NULL
        )
        OR (
          "t10"."before" <= (
            "t10"."at" - 1800000000
          )
        )
    ) AS "t11"
  ) AS "t12"
) AS "t13"
GROUP BY
  1;

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
  COALESCE("t0"."leaf_0", 0) AS "of_0"
FROM "layer_0" AS "t0"
)
SELECT
  "t0"."id",
  "t0"."of_0" AS "out_0"
FROM "layer_1" AS "t0";
