-- One segment by hand, on its own.
SELECT o.person AS profile
FROM (
    SELECT person
    FROM read_parquet($orders)
    WHERE occurred_at <= $now
    GROUP BY person
    HAVING max(occurred_at) < $now - INTERVAL 1440 HOUR
) AS o
ANTI JOIN (
    SELECT person
    FROM read_parquet($pages)
    WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 720 HOUR
) AS p USING (person)
