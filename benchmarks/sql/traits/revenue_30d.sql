-- One trait by hand, on its own.
SELECT person AS profile, sum("revenue:decimal") AS revenue_30d
FROM read_parquet($orders)
WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 720 HOUR
GROUP BY person
