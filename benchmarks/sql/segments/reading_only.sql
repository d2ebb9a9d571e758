-- One segment by hand, on its own.
SELECT DISTINCT l.person AS profile
FROM (
    SELECT person
    FROM read_parquet($letters)
    WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 720 HOUR
) AS l
ANTI JOIN (SELECT person FROM read_parquet($orders) WHERE occurred_at <= $now) AS o USING (person)
