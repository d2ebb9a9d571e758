-- One segment by hand, on its own.
SELECT person AS profile
FROM (
    SELECT person
    FROM read_parquet($orders)
    WHERE occurred_at <= $now
    GROUP BY person
    HAVING sum("revenue:decimal") > 500 AND max(occurred_at) < $now - INTERVAL 1440 HOUR
)
ANTI JOIN (
    SELECT person
    FROM read_parquet($pages)
    WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 720 HOUR
) USING (person)
