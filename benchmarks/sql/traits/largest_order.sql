-- One trait by hand, on its own.
SELECT person AS profile, max("revenue:decimal") AS largest_order
FROM read_parquet($orders)
WHERE occurred_at <= $now
GROUP BY person
