-- One segment by hand, on its own.
SELECT person AS profile
FROM read_parquet($views)
WHERE occurred_at <= $now
GROUP BY person
HAVING sum(exp(-ln(2) * (epoch_us($now) - epoch_us(occurred_at)) / 604800e6)) > 1.5
