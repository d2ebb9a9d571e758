-- One trait by hand, on its own.
SELECT person AS profile, count(*) AS pages_1h
FROM read_parquet($pages)
WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 1 HOUR
GROUP BY person
