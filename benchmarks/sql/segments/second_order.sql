-- One segment by hand, on its own.
SELECT person AS profile
FROM (
    SELECT person
    FROM read_parquet($orders)
    WHERE occurred_at <= $now
    GROUP BY person
    HAVING count(*) = 1 AND max("revenue:decimal") > 100
)
SEMI JOIN (
    SELECT person
    FROM read_parquet($views)
    WHERE occurred_at <= $now
    GROUP BY person
    HAVING sum(exp(-ln(2) * (epoch_us($now) - epoch_us(occurred_at)) / 604800e6)) > 0.5
) USING (person)
