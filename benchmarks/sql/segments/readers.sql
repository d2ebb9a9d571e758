-- One segment by hand, on its own.
SELECT person AS profile
FROM (
    SELECT DISTINCT person
    FROM read_parquet($letters)
    WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 720 HOUR
)
SEMI JOIN (
    SELECT person
    FROM read_parquet($pages)
    WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 720 HOUR
) USING (person)
ANTI JOIN (
    SELECT person
    FROM read_parquet($orders)
    WHERE occurred_at <= $now
) USING (person)
