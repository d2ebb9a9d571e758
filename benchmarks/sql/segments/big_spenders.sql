-- One segment by hand, on its own.
SELECT person AS profile
FROM read_parquet($orders)
WHERE occurred_at <= $now
GROUP BY person
HAVING sum("revenue:decimal") > 500
