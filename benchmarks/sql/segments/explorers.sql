-- One segment by hand, on its own.
SELECT v.person AS profile
FROM (
    SELECT person
    FROM read_parquet($views)
    WHERE occurred_at <= $now
    GROUP BY person
    HAVING count(DISTINCT "product_id:text") >= 5
) AS v
SEMI JOIN (
    SELECT person
    FROM read_parquet($pages)
    WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 720 HOUR
) AS p USING (person)
