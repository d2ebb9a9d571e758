-- One segment by hand, on its own.
SELECT person AS profile
FROM (
    SELECT person, arg_max(category, (n, last_at)) AS favourite
    FROM (
        SELECT person, "category:text" AS category, count(*) AS n, max(occurred_at) AS last_at
        FROM read_parquet($views)
        WHERE occurred_at <= $now
        GROUP BY person, category
    )
    GROUP BY person
    HAVING favourite = 'c-00'
)
SEMI JOIN (
    SELECT person
    FROM read_parquet($views)
    WHERE occurred_at <= $now
    GROUP BY person
    HAVING count(DISTINCT "product_id:text") >= 5
) USING (person)
SEMI JOIN (
    SELECT person
    FROM read_parquet($orders)
    WHERE occurred_at <= $now
    GROUP BY person
    HAVING count(*) >= 2
) USING (person)
