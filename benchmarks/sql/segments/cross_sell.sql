-- One segment by hand, on its own.
SELECT person AS profile
FROM (
    SELECT person
    FROM read_parquet($views)
    WHERE occurred_at <= $now
    GROUP BY person
    HAVING count(DISTINCT "product_id:text") >= 8
)
SEMI JOIN (
    SELECT person
    FROM read_parquet($orders)
    WHERE occurred_at <= $now
    GROUP BY person
    HAVING arg_max("channel:text", occurred_at) = 'web'
) USING (person)
SEMI JOIN (
    SELECT person
    FROM read_parquet($pages)
    WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 720 HOUR
    GROUP BY person
    HAVING count(*) >= 2
) USING (person)
