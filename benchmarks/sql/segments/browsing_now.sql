-- One segment by hand, on its own.
SELECT person AS profile
FROM read_parquet($pages)
WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 168 HOUR
GROUP BY person
HAVING count(*) >= 2 AND count(*) FILTER (occurred_at > $now - INTERVAL 1 HOUR) = 0
