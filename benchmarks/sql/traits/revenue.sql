-- One trait by hand, on its own.
SELECT person AS profile, sum("revenue:decimal") AS revenue
FROM read_parquet($orders)
WHERE occurred_at <= $now
GROUP BY person
