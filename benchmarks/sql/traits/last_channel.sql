-- One trait by hand, on its own.
SELECT person AS profile, arg_max("channel:text", occurred_at) AS last_channel
FROM read_parquet($orders)
WHERE occurred_at <= $now
GROUP BY person
