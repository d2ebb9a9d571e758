-- One trait by hand, on its own.
SELECT person AS profile, max(occurred_at) AS last_order_at
FROM read_parquet($orders)
WHERE occurred_at <= $now
GROUP BY person
