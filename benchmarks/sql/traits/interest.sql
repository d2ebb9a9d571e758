-- One trait by hand, on its own.
SELECT person AS profile, sum(exp(-ln(2) * (epoch_us($now) - epoch_us(occurred_at)) / 604800e6)) AS interest
FROM read_parquet($views)
WHERE occurred_at <= $now
GROUP BY person
