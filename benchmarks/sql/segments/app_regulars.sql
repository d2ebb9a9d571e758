-- One segment by hand, on its own.
SELECT person AS profile
FROM read_parquet($orders)
WHERE occurred_at <= $now
GROUP BY person
HAVING
    arg_max("channel:text", occurred_at) = 'app'
    AND count(*) >= 3
    AND sum("revenue:decimal") FILTER (occurred_at > $now - INTERVAL 720 HOUR) > 100
