CREATE TEMP TABLE "coterie_group_0" AS
SELECT
  "t14"."id",
  COUNT(*) AS "leaf_0"
FROM (
  SELECT
    "t13"."id",
    "t13"."t",
    "t13"."at",
    "t13"."key"
  FROM (
    SELECT
      "t12"."id",
      "t12"."t",
      "t12"."at",
      "t12"."key",
      "t12"."mark",
      MAX(CASE WHEN "t12"."mark" = 1 THEN "t12"."at" ELSE NULL END) OVER (
        PARTITION BY "t12"."id"
        ORDER BY "t12"."at" ASC, "t12"."mark" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ) AS "latest"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t8"."id",
          "t8"."t",
          "t8"."at",
          "t8"."key",
          0 AS "mark"
        FROM (
          SELECT
            "t3"."id",
            "t3"."t",
            "t6"."at",
            "t6"."key"
          FROM (
            SELECT
              "t0"."profile",
              "t0"."at",
              "t0"."key",
              "t0"."offset",
              "t0"."retired",
              0 AS "event"
            FROM "coterie_events_1" AS "t0"
          ) AS "t6"
          INNER JOIN "coterie_points" AS "t3"
            ON "t6"."profile" = "t3"."who"
            AND "t6"."offset" <= "t3"."n"
            AND "t6"."at" <= "t3"."t"
            AND (
              (
                "t6"."retired" IS NULL
              ) OR (
                "t6"."retired" > "t3"."n"
              )
            )
        ) AS "t8"
      ) AS "t10"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t9"."id",
          "t9"."t",
          "t9"."at",
          CAST(NULL AS BYTEA) AS "key",
          1 AS "mark"
        FROM (
          SELECT
            "t3"."id",
            "t3"."t",
            "t7"."at",
            "t7"."key"
          FROM (
            SELECT
              "t2"."profile",
              "t2"."at",
              "t2"."key",
              "t2"."offset",
              "t2"."retired",
              0 AS "event"
            FROM "coterie_events_2" AS "t2"
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
        ) AS "t9"
      ) AS "t11"
    ) AS "t12"
  ) AS "t13"
  WHERE
    "t13"."mark" = 0 AND "t13"."latest" > (
      "t13"."at" - 3600000000
    )
) AS "t14"
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
