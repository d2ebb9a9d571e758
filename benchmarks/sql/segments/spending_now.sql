-- One segment by hand, on its own.
SELECT person AS profile
FROM read_parquet($orders)
WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 720 HOUR
GROUP BY person
HAVING sum("revenue:decimal") > 100
