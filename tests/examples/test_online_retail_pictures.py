"""The wholesaler's retention and lifecycle flow against pandas, and its report."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from coterie.pictures import flow, retention, shares
from tests.examples.pandas_retail import describe
from tests.examples.projects import Example
from tests.examples.test_online_retail import NOW, PENCE, read

pytestmark = pytest.mark.xdist_group("online_retail")  # one worker imports it


@pytest.fixture(scope="module")
def invoices(shared_data: Path) -> pd.DataFrame:
    lines = read(shared_data)
    found = lines.groupby(["person", "InvoiceNo"], as_index=False).agg(
        at=("at", "min"), units=("units", "sum")
    )
    return found.assign(cancelled=found["InvoiceNo"].str.startswith("C"))


def stages(invoices: pd.DataFrame, t: pd.Timestamp) -> pd.Series[str]:
    """Everybody's lifecycle stage at an instant, by pandas alone."""
    known = invoices[invoices["at"] <= t]
    orders, returns = known[~known["cancelled"]], known[known["cancelled"]]
    return describe(orders, returns, t, PENCE)["lifecycle_stage"]


def test_retention_equals_pandas(online_retail: Example, invoices: pd.DataFrame) -> None:
    """Each cohort's size, and how many of it order in each month after, for all 13 months."""
    orders = invoices[~invoices["cancelled"]]
    month = orders["at"].dt.year * 12 + orders["at"].dt.month
    first = month.groupby(orders["person"]).transform("min")
    cells = orders.groupby([first.rename("cohort"), (month - first).rename("month")])
    expected = cells["person"].nunique().to_dict()
    found = retention.data(online_retail.project).to_pylist()
    counts = {
        (row["cohort"].year * 12 + row["cohort"].month, row["month"]): row["people"]
        for row in found
    }
    assert {key: n for key, n in counts.items() if n} == expected
    assert len(found) == 13 * 14 // 2
    for row in found:
        size = expected[row["cohort"].year * 12 + row["cohort"].month, 0]
        assert (row["size"], row["share"]) == (size, row["people"] / size)
    assert sum(row["size"] for row in found if row["month"] == 0) == orders["person"].nunique()
    assert [row["complete"] for row in found if row["month"] == 0] == [True] * 12 + [False]


def test_lifecycle_flow_equals_pandas(online_retail: Example, invoices: pd.DataFrame) -> None:
    """From the first of September to the tenth of December, each pair of stages."""
    before = stages(invoices, pd.Timestamp("2011-09-01", tz="UTC"))
    after = stages(invoices, NOW)
    pairs = zip(before.reindex(after.index).fillna(flow.ABSENT), after, strict=True)
    found = flow.data(online_retail.project).to_pylist()
    assert {(row["before"], row["after"]): row["people"] for row in found} == Counter(pairs)


def test_lifecycle_shares_equal_pandas(online_retail: Example, invoices: pd.DataFrame) -> None:
    """At the beginning of each month, and at the end."""
    found = shares.data(online_retail.project).to_pandas()
    instants = sorted(found["at"].unique())
    assert len(instants) == 13
    for t in instants:
        expected = stages(invoices, t).value_counts()
        mine = found[found["at"] == t].set_index("stage")
        assert mine["people"][mine["people"] > 0].to_dict() == expected.to_dict()
        assert mine["share"].to_dict() == (mine["people"] / expected.sum()).to_dict()


def test_report_names_no_customer(
    online_retail: Example, invoices: pd.DataFrame, tmp_path: Path
) -> None:
    """Neither a pseudonym, nor a customer's or invoice's number."""
    out = tmp_path / "report.html"
    online_retail.project.pictures.report(out)
    written = out.read_text("utf-8")
    assert not [one for one in online_retail.table["profile"] if one in written]
    before, charts = written.split('<script type="application/json" id="charts">')
    specs = json.loads(charts.split("</script>")[0])["specs"].values()
    texts = re.sub(r"<style>.*</style>|<[^>]*>", " ", before, flags=re.DOTALL)
    drawn = " ".join(text for spec in specs for text in _texts(spec["datasets"]))
    words = set(re.findall(r"\w+", f"{texts} {drawn}"))
    assert {"champions", "slipping", "85123A"} <= words
    assert not words & (set(invoices["person"]) | set(invoices["InvoiceNo"]))


def _texts(data: object) -> Iterator[str]:
    """Every text in the values of a chart's data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from _texts(value)
