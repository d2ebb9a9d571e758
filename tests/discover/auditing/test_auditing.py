"""An audit's figures are those of an independent count, and it names nobody."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from coterie.discover.auditing import Audit, audit, relating
from coterie.discover.auditing.describing import described
from coterie.discover.auditing.page import bars, worries
from coterie.discover.crowd import Column, Kind
from coterie.errors import CoterieError, UnknownName
from coterie.pictures.saying import about
from coterie.project import Project
from tests.discover.preparing.crowds import AT, DAY, crowd, mixed, numbers

pytestmark = pytest.mark.xdist_group("audit")


@pytest.fixture(scope="module")
def found(shop: Project) -> Audit:
    return shop.audit()


@pytest.fixture(scope="module")
def told(shop: Project) -> Audit:
    names = ["recency_days", "net_spend", "email_open_rate", "favourite_category", "visits_28d"]
    return shop.audit(names, target="lifecycle_stage.active")


# --- attributes -----------------------------------------------------------------------------


def test_a_number_is_described_as_numpy_and_scipy_do() -> None:
    """Quartiles, moments, counts; infinite values count as unknown."""
    people = mixed()
    one = described(people, people.column("spend"))
    known = people.frame["spend"].dropna().to_numpy()
    quartiles = (one.least, one.lower, one.middle, one.upper, one.most)
    assert quartiles == pytest.approx(tuple(np.percentile(known, (0, 25, 50, 75, 100))))
    assert (one.mean, one.deviation) == pytest.approx((known.mean(), known.std()))
    assert one.skewness == pytest.approx(stats.skew(known))
    assert (one.unknown, one.distinct) == (600 - len(known), len(np.unique(known)))
    orders = described(people, people.column("orders"))
    assert orders.unknown == 1
    assert "1 infinite" in orders.remarks[0]


@pytest.mark.parametrize("name", ["spend", "change", "orders", "total", "seen", "vip", "tier"])
def test_the_bars_hold_everybody_whose_value_is_known(name: str) -> None:
    """Whatever the scale."""
    people = mixed()
    one = described(people, people.column(name))
    assert sum(bar.people for bar in one.bars) == one.people - one.unknown


def test_values_far_out_leave_room_for_the_others() -> None:
    """Where some are negative, and no logarithm helps: they are counted, and not drawn."""
    values = np.append(np.random.default_rng(0).normal(100, 30, 998), [-900.0, 250_000.0])
    people = numbers(x=values)
    one = described(people, people.columns[0])
    assert one.scale == "middle"
    assert sum(bar.people for bar in one.bars) == 1000
    table = bars(one)
    assert table.num_rows > 10
    missing = 1000 - sum(table["people"].to_pylist())
    assert 2 <= missing <= 12
    assert f"{missing} far out are not drawn" in about(table, "note")


def test_instants_are_ages_in_days() -> None:
    """At the crowd's clock."""
    people = mixed()
    one = described(people, people.column("seen"))
    days = (AT - people.frame["seen"].dropna().astype("int64")) // DAY
    assert (one.unit, one.most) == ("days", days.max())


def test_a_text_of_few_is_not_named() -> None:
    """It is counted with the others: it might tell who they are."""
    texts = ["often"] * 20 + ["Secret Name"] * 4
    frame = mixed().frame.iloc[:24].assign(said=texts)[["said"]]
    people = crowd(frame, Column("said", Kind.CATEGORY))
    one = described(people, people.columns[0])
    assert [(bar.value, bar.people) for bar in one.bars] == [("often", 20), (None, 4)]
    assert "Secret" not in str(one)


def test_what_is_far_out_is_counted_by_both_ways() -> None:
    """One value of a hundred."""
    people = numbers(x=[*range(99), 10_000])
    one = described(people, people.columns[0])
    assert (one.outliers_z, one.outliers_iqr) == (1, 1)


def test_unknown_and_constant_attributes_are_described_and_remarked_upon() -> None:
    """Nothing fails on a column without values."""
    people = numbers(x=np.full(30, np.nan), y=np.ones(30))
    empty, constant = (described(people, column) for column in people.columns)
    assert (empty.distinct, empty.mean, empty.bars) == (0, None, ())
    assert worries(empty) == ["100.0 % unknown"]
    assert worries(constant) == ["the same for everybody"]


# --- what goes together ---------------------------------------------------------------------


def test_the_strongest_correlation_is_spearmans() -> None:
    """As SciPy computes it, over people of whom both are known."""
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, 300)
    values = {"x": x, "y": np.exp(x) + rng.normal(0, 0.5, 300), "z": rng.normal(0, 1, 300)}
    near = relating.strongest(values, dict.fromkeys(values, Kind.NUMBER))
    expected = stats.spearmanr(values["x"], values["y"]).statistic
    assert near["x"] == ("y", pytest.approx(expected))
    assert near["y"][0] == "x"


def test_what_decides_the_target_is_the_most_important() -> None:
    """Noise is near zero by both measures; the score is that of scikit-learn's own metric."""
    rng = np.random.default_rng(1)
    values = {name: rng.normal(0, 1, 1200) for name in ("signal", "noise")}
    aim = (values["signal"] + rng.normal(0, 0.3, 1200) > 0).astype(float)
    kinds = dict.fromkeys(values, Kind.NUMBER)
    found = relating.told(values, kinds, aim, Kind.BOOLEAN, 0)
    assert found.score > 0.9
    assert found.score <= roc_auc_score(aim, values["signal"]) + 0.05
    signal, noise = found.importances["signal"], found.importances["noise"]
    assert signal.lost > 0.3 > 0.05 > abs(noise.lost)
    assert signal.information > 0.4 > 0.1 > noise.information


def test_a_number_may_be_the_target() -> None:
    """Its score is the share of variance that is explained."""
    rng = np.random.default_rng(2)
    values = {"x": rng.normal(0, 1, 600), "c": rng.integers(0, 3, 600).astype(float)}
    kinds = {"x": Kind.NUMBER, "c": Kind.CATEGORY}
    aim = values["x"] + 3 * (values["c"] == 1) + rng.normal(0, 0.2, 600)
    found = relating.told(values, kinds, aim, Kind.NUMBER, 0)
    assert found.score_name == "share of variance explained"
    assert found.score > 0.85
    assert found.importances["c"].lost > found.importances["x"].lost > 0


@pytest.mark.parametrize("aim", [np.zeros(200), np.full(200, np.nan), np.eye(200)[0]])
def test_a_target_that_nobody_or_everybody_has_is_refused(aim: np.ndarray) -> None:
    """With how many there are."""
    values = {"x": np.arange(200.0)}
    with pytest.raises(CoterieError, match="nothing can be said"):
        relating.told(values, {"x": Kind.NUMBER}, aim, Kind.BOOLEAN, 0)


# --- a project ------------------------------------------------------------------------------


def test_every_trait_is_described_or_said_to_be_left_out(shop: Project, found: Audit) -> None:
    """Over the people who may be used for the purpose."""
    assert {a.name for a in found.attributes} | found.left_out.keys() == set(shop.library.traits)
    assert found.people == len(shop.traits(["frequency"]))
    assert all(a.people == found.people for a in found.attributes)


def test_recorded_values_are_those_of_the_lake(shop: Project, found: Audit) -> None:
    """Rows by event, and values by property, as another reader counts them."""
    rows = {one.event: one.rows for one in found.recorded if not one.name}
    offset = found.offset
    for event in ("Order Completed", "page"):
        kinds = {"p": shop.plan.kind(event, "coupon" if event[0] == "O" else "category")}
        with shop.stores.lake.connect() as con:
            name = "coupon" if event[0] == "O" else "category"
            sql = shop.stores.lake.scan(con, event, {name: kinds["p"]}, offset)
            table = con.sql(sql).to_arrow_table()
        assert rows[event] == table.num_rows
        counted = next(r for r in found.recorded if (r.event, r.name) == (event, name))
        assert counted.filled == table.num_rows - table[name].null_count


def test_what_nothing_reads_is_listed(found: Audit) -> None:
    """An event that is read is not; of an event that is not, the whole event is."""
    idle = {(one.event, one.name) for one in found.unused}
    assert ("page", "title") in idle
    assert ("Product Removed", "") in idle
    assert not any(event == "Product Removed" and name for event, name in idle)
    assert ("Order Completed", "revenue") not in idle
    assert ("Consent Updated", "granted") not in idle
    assert "average_order_value" in found.idle_traits
    assert "recency_rank" not in found.idle_traits


def test_staleness_is_the_age_of_the_newest_event_read(shop: Project, found: Audit) -> None:
    """The median over people, of a trait that rests on orders alone."""
    rows = shop.traits(["last_order_at"]).arrow
    ages = [(found.at - micros) / DAY for at in rows["last_order_at"]
            if (micros := at.value) is not None]  # fmt: skip
    one = next(a for a in found.attributes if a.name == "last_order_at")
    assert one.stale_days == pytest.approx(float(np.median(ages)))
    assert one.stale_share == 0.0


def test_a_target_orders_the_attributes(told: Audit) -> None:
    """By what the model loses; the score is said with its name."""
    lost = [one.importance.lost for one in told.attributes if one.importance]
    assert lost == sorted(lost, reverse=True)
    assert told.attributes[-1].importance is None  # the stage is made of the last order
    assert told.score is not None
    assert 0.5 < told.score < 1
    assert told.score_name == "area under the ROC curve"


def test_what_defines_the_target_is_not_asked(shop: Project) -> None:
    """Nor what else is made of the same: it tells of the target by definition."""
    found = audit(shop, ["frequency_rank", "rfm_score", "email_open_rate"], target="champions")
    asked = {one.name for one in found.attributes if one.importance}
    assert asked == {"email_open_rate"}
    with pytest.raises(CoterieError, match="defined by every attribute"):
        audit(shop, ["frequency_rank"], target="champions")


def test_wrong_names_are_refused(shop: Project) -> None:
    """A trait, a target, and a stage that is none."""
    for arguments in (
        {"traits": ["spent"]},
        {"target": "champion"},
        {"target": "lifecycle_stage.x"},
    ):
        with pytest.raises(UnknownName):
            audit(shop, **arguments)


def test_an_audit_is_data(told: Audit) -> None:
    """JSON for programs, a row an attribute for notebooks."""
    read = json.loads(told.as_json())
    assert read["people"] == told.people
    frame = told.to_pandas()
    assert list(frame["name"]) == [one.name for one in told.attributes]
    assert frame["lost"].notna().sum() == sum(one.importance is not None for one in told.attributes)


def test_the_page_needs_no_network_and_names_nobody(
    shop: Project, told: Audit, found: Audit, tmp_path: Path
) -> None:
    """No address, no pseudonym; every attribute and every unused property is on it."""
    for one in (told, found):
        path = one.report(tmp_path / "audit.html")
        text = path.read_text("utf-8")
        body = text[text.index("<body>") : text.index('<script type="application/json"')]
        assert "http" not in body
        assert not any(person in text for person in shop.traits([])["profile"])
        assert all(a.name in body for a in one.attributes)
        assert all(r.name in body for r in one.unused)
        assert body.count("<h1>") == 1
