-- One trait by hand, on its own.
SELECT person AS profile, count(*) AS orders
FROM read_parquet($orders)
WHERE occurred_at <= $now
GROUP BY person
