-- One trait by hand, on its own.
SELECT person AS profile, count(*) AS pages_30d
FROM read_parquet($pages)
WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 720 HOUR
GROUP BY person
