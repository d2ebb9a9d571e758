-- The twelve traits and ten segments as one query by hand, over the lake's own files.
WITH orders AS (
    SELECT
        person,
        count(*) AS orders,
        sum("revenue:decimal") AS revenue,
        sum("revenue:decimal") FILTER (occurred_at > $now - INTERVAL 720 HOUR) AS revenue_30d,
        max("revenue:decimal") AS largest_order,
        arg_max("channel:text", occurred_at) AS last_channel,
        max(occurred_at) AS last_order_at,
        count(*) FILTER (occurred_at > $now - INTERVAL 720 HOUR) > 0 AS ordered_30d
    FROM read_parquet($orders)
    WHERE occurred_at <= $now
    GROUP BY person
),
pages AS (
    SELECT
        person,
        count(*) FILTER (occurred_at > $now - INTERVAL 1 HOUR) AS pages_1h,
        count(*) FILTER (occurred_at > $now - INTERVAL 168 HOUR) AS pages_7d,
        count(*) FILTER (occurred_at > $now - INTERVAL 720 HOUR) AS pages_30d
    FROM read_parquet($pages)
    WHERE occurred_at <= $now
    GROUP BY person
),
views AS (
    SELECT
        person,
        count(DISTINCT "product_id:text") AS products,
        sum(exp(-ln(2) * (epoch_us($now) - epoch_us(occurred_at)) / 604800e6)) AS interest
    FROM read_parquet($views)
    WHERE occurred_at <= $now
    GROUP BY person
),
categories AS (
    SELECT person, arg_max(category, (n, last_at)) AS favourite
    FROM (
        SELECT
            person,
            "category:text" AS category,
            count(*) AS n,
            max(occurred_at) AS last_at
        FROM read_parquet($views)
        WHERE occurred_at <= $now AND "category:text" IS NOT NULL
        GROUP BY person, category
    )
    GROUP BY person
),
letters AS (
    SELECT person, count(*) FILTER (occurred_at > $now - INTERVAL 720 HOUR) > 0 AS opened_30d
    FROM read_parquet($letters)
    WHERE occurred_at <= $now
    GROUP BY person
),
traits AS (
    SELECT
        person AS profile,
        coalesce(orders, 0) AS orders,
        revenue,
        revenue_30d,
        largest_order,
        last_channel,
        last_order_at,
        coalesce(pages_1h, 0) AS pages_1h,
        coalesce(pages_7d, 0) AS pages_7d,
        coalesce(pages_30d, 0) AS pages_30d,
        coalesce(products, 0) AS products,
        favourite,
        interest,
        coalesce(ordered_30d, false) AS ordered_30d,
        coalesce(opened_30d, false) AS opened_30d
    FROM orders
    FULL JOIN pages USING (person)
    FULL JOIN views USING (person)
    FULL JOIN categories USING (person)
    FULL JOIN letters USING (person)
)
SELECT
    * EXCLUDE (ordered_30d, opened_30d),
    coalesce(
        orders >= 5 AND revenue > 500 AND last_order_at > $now - INTERVAL 1440 HOUR, false
    ) AS champions,
    coalesce(
        revenue > 500 AND last_order_at < $now - INTERVAL 1440 HOUR AND pages_30d = 0, false
    ) AS lapsing_big_spenders,
    coalesce(interest > 1 AND pages_7d >= 2 AND NOT ordered_30d, false) AS hesitant,
    coalesce(favourite = 'c-00' AND products >= 5 AND orders >= 2, false) AS fans_of_c00,
    coalesce(last_channel = 'app' AND orders >= 3 AND revenue_30d > 100, false) AS app_regulars,
    coalesce(
        opened_30d AND orders >= 2 AND last_order_at < $now - INTERVAL 2160 HOUR, false
    ) AS win_back,
    opened_30d AND pages_30d >= 1 AND orders = 0 AS readers,
    coalesce(orders = 1 AND largest_order > 100 AND interest > 0.5, false) AS second_order,
    coalesce(pages_7d >= 3 AND pages_1h = 0 AND interest > 1, false) AS just_left,
    coalesce(products >= 8 AND last_channel = 'web' AND pages_30d >= 2, false) AS cross_sell
FROM traits
