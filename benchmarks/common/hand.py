"""The same traits and segments written by hand: SQL in DuckDB, Polars, pandas."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from common.events import NOW
from coterie.storage.lake import Lake

SQL = Path(__file__).parents[1] / "sql"
AT = datetime.fromtimestamp(NOW / 1e6, UTC)
HOURS = {"1h": 1, "7d": 168, "30d": 720, "60d": 1440, "90d": 2160}
AGO = {name: AT - timedelta(hours=length) for name, length in HOURS.items()}
NAMES = {
    "orders": "Order Completed", "pages": "page", "views": "Product Viewed",
    "letters": "Email Opened",
}  # fmt: skip
RATE = math.log(2) / 604_800e6


def single(lake: Lake) -> pa.Table:
    """Everything in one query."""
    return _asked(lake, [SQL / "single.sql"])["single"]


def one_each(lake: Lake, *kinds: str) -> dict[str, pa.Table]:
    """One query for each file of ``sql/<kind>``, on one connection."""
    return _asked(lake, [path for kind in kinds for path in sorted((SQL / kind).glob("*.sql"))])


def _asked(lake: Lake, paths: list[Path]) -> dict[str, pa.Table]:
    files = {name: lake.files(event) for name, event in NAMES.items()}
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        return {path.stem: _rows(con, path.read_text(), files) for path in paths}


def _rows(con: duckdb.DuckDBPyConnection, sql: str, files: dict[str, list[str]]) -> pa.Table:
    wanted: dict[str, Any] = {name: value for name, value in files.items() if f"${name}" in sql}
    return con.sql(sql, params={"now": AT, **wanted}).to_arrow_table()


def in_units(table: pa.Table) -> pa.Table:
    """Amounts as cents and instants as microseconds, as the engine gives them."""
    for i, field in enumerate(table.schema):
        values = table.column(i)
        if pa.types.is_decimal(field.type):
            cents = pc.multiply(values.cast(pa.decimal128(18, 2)), pa.scalar(100))
            table = table.set_column(i, field.name, cents.cast(pa.int64()))
        elif pa.types.is_timestamp(field.type):
            table = table.set_column(
                i, field.name, values.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
            )
        elif pa.types.is_integer(field.type):
            table = table.set_column(i, field.name, values.cast(pa.int64()))
        elif pa.types.is_large_string(field.type) or pa.types.is_string_view(field.type):
            table = table.set_column(i, field.name, values.cast(pa.string()))
    return table


def members(answers: dict[str, pa.Table], people: pa.Table) -> pa.Table:
    """Lists of members as a column of truths for each segment."""
    profiles = people["profile"]
    found = {name: pc.is_in(profiles, value_set=rows["profile"]) for name, rows in answers.items()}
    return pa.table({"profile": profiles, **found})


def in_polars(lake: Lake) -> pa.Table:
    """Everything with Polars, lazily, on its streaming engine."""
    order, page, view, letter = (
        pl.scan_parquet(lake.files(event)).filter(pl.col("occurred_at") <= AT)
        for event in NAMES.values()
    )
    at, cents = pl.col("occurred_at"), pl.col("revenue:decimal")
    orders = order.group_by("person").agg(
        orders=pl.len(),
        revenue=cents.sum(),
        revenue_30d=pl.when((at > AGO["30d"]).any()).then(cents.filter(at > AGO["30d"]).sum()),
        largest_order=cents.max(),
        last_channel=pl.col("channel:text").get(at.arg_max()),
        last_order_at=at.max(),
        ordered_30d=(at > AGO["30d"]).any(),
    )
    pages = page.group_by("person").agg(
        **{f"pages_{name}": (at > AGO[name]).sum() for name in ("1h", "7d", "30d")}
    )
    age = pl.lit(NOW) - at.dt.epoch("us")
    views = view.group_by("person").agg(
        products=pl.col("product_id:text").n_unique(), interest=(-RATE * age).exp().sum()
    )
    seen = view.group_by("person", "category:text").agg(n=pl.len(), at=at.max())
    favourite = seen.group_by("person").agg(
        favourite=pl.col("category:text").sort_by("n", "at").last()
    )
    letters = letter.group_by("person").agg(opened_30d=(at > AGO["30d"]).any())
    every = orders
    for other in (pages, views, favourite, letters):
        every = every.join(other, on="person", how="full", coalesce=True)
    zero = ["orders", "pages_1h", "pages_7d", "pages_30d", "products"]
    yes = ["ordered_30d", "opened_30d"]
    filled = every.with_columns(pl.col(zero).fill_null(0), pl.col(yes).fill_null(False))
    return _judged_in_polars(filled).collect(engine="streaming").to_arrow()


def _judged_in_polars(traits: pl.LazyFrame) -> pl.LazyFrame:
    col = pl.col
    silent_60d, silent_90d = (col("last_order_at") < AGO[name] for name in ("60d", "90d"))
    segments = {
        "champions": (col("orders") >= 5)
        & (col("revenue") > 500)
        & (col("last_order_at") > AGO["60d"]),
        "lapsing_big_spenders": (col("revenue") > 500) & silent_60d & (col("pages_30d") == 0),
        "hesitant": (col("interest") > 1) & (col("pages_7d") >= 2) & ~col("ordered_30d"),
        "fans_of_c00": (col("favourite") == "c-00") & (col("products") >= 5) & (col("orders") >= 2),
        "app_regulars": (col("last_channel") == "app")
        & (col("orders") >= 3)
        & (col("revenue_30d") > 100),
        "win_back": col("opened_30d") & (col("orders") >= 2) & silent_90d,
        "readers": col("opened_30d") & (col("pages_30d") >= 1) & (col("orders") == 0),
        "second_order": (col("orders") == 1)
        & (col("largest_order") > 100)
        & (col("interest") > 0.5),
        "just_left": (col("pages_7d") >= 3) & (col("pages_1h") == 0) & (col("interest") > 1),
        "cross_sell": (col("products") >= 8)
        & (col("last_channel") == "web")
        & (col("pages_30d") >= 2),
    }
    judged = traits.with_columns(**{name: rule.fill_null(False) for name, rule in segments.items()})
    return judged.drop("ordered_30d", "opened_30d").rename({"person": "profile"})


def in_pandas(lake: Lake) -> pa.Table:
    """Everything with pandas, as it is usually written; amounts as cents in 64 bits."""
    order, page, view, letter = (_frame(lake, event) for event in NAMES.values())
    by = order.groupby("person")
    recent = order[order["at"] > AGO["30d"]].groupby("person")
    views = view.groupby("person")
    seen = view.groupby(["person", "category:text"])["at"].agg(["size", "max"]).reset_index()
    best = seen.sort_values(["size", "max"]).drop_duplicates("person", keep="last")
    faded = view.assign(weight=(-RATE * ((AT - view["at"]) / pd.Timedelta("1us"))).map(math.exp))
    columns = {
        "orders": by.size(),
        "revenue": by["cents"].sum(),
        "revenue_30d": recent["cents"].sum(),
        "largest_order": by["cents"].max(),
        "last_channel": order.sort_values("at").groupby("person")["channel:text"].last(),
        "last_order_at": by["at"].max(),
        **{
            f"pages_{name}": (page["at"] > AGO[name]).groupby(page["person"]).sum()
            for name in ("1h", "7d", "30d")
        },
        "products": views["product_id:text"].nunique(),
        "favourite": best.set_index("person")["category:text"],
        "interest": faded.groupby("person")["weight"].sum(),
        "ordered_30d": (order["at"] > AGO["30d"]).groupby(order["person"]).any(),
        "opened_30d": (letter["at"] > AGO["30d"]).groupby(letter["person"]).any(),
    }
    every = pd.DataFrame(columns)
    zero = ["orders", "pages_1h", "pages_7d", "pages_30d", "products"]
    every[zero] = every[zero].fillna(0).astype("int64")
    for name in ("ordered_30d", "opened_30d"):
        every[name] = every[name].eq(True)
    return _judged_in_pandas(every)


def _frame(lake: Lake, event: str) -> pd.DataFrame:
    columns = {
        "Order Completed": ["revenue:decimal", "channel:text"],
        "Product Viewed": ["product_id:text", "category:text"],
    }
    table = pa.concat_tables(
        pq.read_table(file, columns=["person", "occurred_at", *columns.get(event, [])])
        for file in lake.files(event)
    )
    if event == "Order Completed":
        cents = pc.multiply(table["revenue:decimal"].cast(pa.decimal128(18, 2)), pa.scalar(100))
        table = table.append_column("cents", cents.cast(pa.int64()))
    frame = table.to_pandas().rename(columns={"occurred_at": "at"})
    return frame[frame["at"] <= AT]


def _judged_in_pandas(e: pd.DataFrame) -> pa.Table:
    silent_60d, silent_90d = (e.last_order_at < AGO[name] for name in ("60d", "90d"))
    e["champions"] = (e.orders >= 5) & (e.revenue > 500_00) & (e.last_order_at > AGO["60d"])
    e["lapsing_big_spenders"] = (e.revenue > 500_00) & silent_60d & (e.pages_30d == 0)
    e["hesitant"] = (e.interest > 1) & (e.pages_7d >= 2) & ~e.ordered_30d
    e["fans_of_c00"] = (e.favourite == "c-00") & (e.products >= 5) & (e.orders >= 2)
    e["app_regulars"] = (e.last_channel == "app") & (e.orders >= 3) & (e.revenue_30d > 100_00)
    e["win_back"] = e.opened_30d & (e.orders >= 2) & silent_90d
    e["readers"] = e.opened_30d & (e.pages_30d >= 1) & (e.orders == 0)
    e["second_order"] = (e.orders == 1) & (e.largest_order > 100_00) & (e.interest > 0.5)
    e["just_left"] = (e.pages_7d >= 3) & (e.pages_1h == 0) & (e.interest > 1)
    e["cross_sell"] = (e.products >= 8) & (e.last_channel == "web") & (e.pages_30d >= 2)
    money = ["revenue", "revenue_30d", "largest_order"]
    e[money] = e[money].astype("Int64")
    return pa.Table.from_pandas(
        e.drop(columns=["ordered_30d", "opened_30d"]).rename_axis("profile").reset_index(),
        preserve_index=False,
    )
