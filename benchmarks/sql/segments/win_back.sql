-- One segment by hand, on its own.
SELECT person AS profile
FROM (
    SELECT person
    FROM read_parquet($orders)
    WHERE occurred_at <= $now
    GROUP BY person
    HAVING count(*) >= 2 AND max(occurred_at) < $now - INTERVAL 2160 HOUR
)
SEMI JOIN (
    SELECT person
    FROM read_parquet($letters)
    WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 720 HOUR
) USING (person)
