"""Order lines to orders: coterie's import beside pandas, time and peak memory of both.

Each contender is a process of its own. Coterie ends with every row accounted for in the log and
typed columns in the lake; pandas ends with a table of orders in memory, and nothing kept.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common.events import DATA
from common.lines import LINE_BYTES, lines_of
from common.results import keep
from common.rounds import Times, ratio, spread, summary

ROOT = Path(__file__).parents[1]
UCI = ROOT / "../shared/data/uci_online_retail/online_retail.csv.gz"
PROJECTS = {"uci": ROOT / "examples/online_retail", "lines": ROOT / "benchmarks/projects/orders"}


def main() -> None:
    """Measure, or be one of the contenders."""
    chosen = _arguments()
    if chosen.contender:
        print(json.dumps(_contend(chosen.contender, chosen.kind, Path(chosen.file))))
    elif chosen.gigabytes:
        _alone(chosen.gigabytes)
    else:
        _beside_pandas(chosen)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, help="generate so many; without it the UCI file")
    parser.add_argument("--gigabytes", type=float, help="coterie alone on a generated file")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    parser.add_argument("--kind", help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    return parser.parse_args()


def _beside_pandas(chosen: argparse.Namespace) -> None:
    kind, file = _file(chosen.lines)
    runs: dict[str, list[dict[str, Any]]] = {"coterie": [], "pandas": []}
    for i in range(chosen.rounds):
        for name in list(runs)[:: 1 if i % 2 else -1]:
            runs[name].append(_run(name, kind, file))
    orders = {name: found[0]["orders"] for name, found in runs.items()}
    if orders["coterie"] != orders["pandas"]:
        raise SystemExit(f"different orders: {orders}: nothing was measured")
    times = {
        name: Times([run["wall_s"] for run in found], [run["cpu_s"] for run in found])
        for name, found in runs.items()
    }
    keep(
        f"imports-{file.stem}",
        {"file": file.name, "megabytes": file.stat().st_size // 10**6, "rounds": chosen.rounds},
        {
            "orders": orders["coterie"],
            "seconds": summary(times),
            "peak_mb": {
                name: spread([run["peak_mb"] for run in found]) for name, found in runs.items()
            },
            "ratio": {"coterie / pandas": ratio(times, "coterie", "pandas")},
        },
    )


def _alone(gigabytes: float) -> None:
    file = lines_of(round(gigabytes * 1e9 / LINE_BYTES))
    run = _run("coterie", "lines", file)
    size = {"file": file.name, "megabytes": file.stat().st_size // 10**6}
    keep(f"imports-{gigabytes:g}GB", size, {"coterie": run})


def _file(n_lines: int | None) -> tuple[str, Path]:
    if n_lines:
        return "lines", lines_of(n_lines)
    if not UCI.exists():
        print(f"skipped the UCI file: {UCI} is not here; 500,000 generated lines instead")
        return "lines", lines_of(500_000)
    target = DATA / "online_retail.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(UCI) as packed, target.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    return "uci", target


def _run(name: str, kind: str, file: Path) -> dict[str, Any]:
    """One contender in a process of its own."""
    command = [sys.executable, __file__, "--contender", name, "--kind", kind, "--file", str(file)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _contend(name: str, kind: str, file: Path) -> dict[str, Any]:
    contender = {"coterie": _by_coterie, "pandas": _by_pandas}[name]
    wall, cpu = time.perf_counter(), time.process_time()
    orders = contender(kind, file)
    return {
        "wall_s": round(time.perf_counter() - wall, 3),
        "cpu_s": round(time.process_time() - cpu, 3),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "orders": orders,
    }


def _by_coterie(kind: str, file: Path) -> dict[str, list[int]]:
    """Number and revenue (thousandths) of the orders by name, in a project made for this."""
    import coterie
    from coterie.privacy.pseudonym import Pseudonymiser

    with tempfile.TemporaryDirectory(dir=DATA) as temporary:
        folder = Path(temporary) / "project"
        shutil.copytree(PROJECTS[kind], folder, ignore=shutil.ignore_patterns("data"))
        Pseudonymiser.load(folder / "data/keys/project.key", create=True)
        with coterie.open(folder) as cdp:
            cdp.import_([file], folder / "orders.toml")
            return _orders(cdp.stores.lake)


def _orders(lake: Any) -> dict[str, list[int]]:
    import duckdb

    sql = 'SELECT count(*), sum("revenue:decimal" * 1000)::BIGINT FROM read_parquet(?)'
    names = [name for name in lake.names() if name.startswith("Order ")]
    return {name: list(duckdb.execute(sql, [lake.files(name)]).fetchone() or ()) for name in names}


def _by_pandas(kind: str, file: Path) -> dict[str, list[int]]:
    """The same of a table of orders: person, instant, lines, and exact revenue of each."""
    import pandas as pd

    rows = pd.read_csv(file, dtype=str, keep_default_na=False)
    rows.columns = ["order", *rows.columns[1:]]
    named = {
        "Quantity": "quantity",
        "UnitPrice": "price",
        "InvoiceDate": "date",
        "CustomerID": "customer",
    }
    rows = rows.rename(columns=named)
    rows["at"] = pd.to_datetime(rows["date"], utc=True)
    rows["repeated"] = rows.duplicated()
    price = rows["price"].str.partition(".")
    sign = 1 - 2 * rows["price"].str.startswith("-").astype(int)
    fraction = price[2].str.ljust(3, "0").astype(int)
    thousandths = sign * (price[0].str.lstrip("-").astype(int) * 1000 + fraction)
    rows["amount"] = rows["quantity"].astype(int) * thousandths
    rows["name"] = _named(rows) if kind == "uci" else "Order Completed"
    orders = rows.groupby(["name", "order"]).agg(
        person=("customer", "first"), at=("at", "min"), revenue=("amount", "sum"),
        n_lines=("amount", "size"), n_repeated=("repeated", "sum"),
    )  # fmt: skip
    by = orders.groupby("name")["revenue"].agg(["size", "sum"])
    return {name: [int(row["size"]), int(row["sum"])] for name, row in by.iterrows()}


def _named(rows: Any) -> Any:
    import numpy as np

    stock = (rows["quantity"].str.startswith("-")) & (rows["price"].astype(float) == 0)
    first = rows["order"].str[0]
    cases = [first == "C", (first == "A") | stock]
    return np.select(cases, ["Order Refunded", "Order Adjusted"], "Order Completed")


if __name__ == "__main__":
    main()
