-- One trait by hand, on its own.
SELECT person AS profile, count(DISTINCT "product_id:text") AS products
FROM read_parquet($views)
WHERE occurred_at <= $now
GROUP BY person
