-- One trait by hand, on its own.
SELECT person AS profile, arg_max(category, (n, last_at)) AS favourite
FROM (
    SELECT person, "category:text" AS category, count(*) AS n, max(occurred_at) AS last_at
    FROM read_parquet($views)
    WHERE occurred_at <= $now
    GROUP BY person, category
)
GROUP BY person
