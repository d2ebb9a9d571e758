-- One segment by hand, on its own.
SELECT person AS profile
FROM (
    SELECT person
    FROM read_parquet($views)
    WHERE occurred_at <= $now
    GROUP BY person
    HAVING sum(exp(-ln(2) * (epoch_us($now) - epoch_us(occurred_at)) / 604800e6)) > 1
)
SEMI JOIN (
    SELECT person
    FROM read_parquet($pages)
    WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 168 HOUR
    GROUP BY person
    HAVING count(*) >= 2
) USING (person)
ANTI JOIN (
    SELECT person
    FROM read_parquet($orders)
    WHERE occurred_at <= $now AND occurred_at > $now - INTERVAL 720 HOUR
) USING (person)
