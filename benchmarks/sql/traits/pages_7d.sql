-- One trait by hand, on its own.
SELECT person AS profile, count(*) AS pages_7d
FROM read_parquet($pages)
WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 168 HOUR
GROUP BY person
