-- One segment by hand, on its own.
SELECT person AS profile
FROM read_parquet($orders)
WHERE occurred_at <= $now
GROUP BY person
HAVING
    count(*) >= 5
    AND sum("revenue:decimal") > 500
    AND max(occurred_at) > $now - INTERVAL 1440 HOUR
