"""The UCI wholesaler, run once a month: what was believed is what is true of each month's start."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from coterie.profiles import fitting, members, state
from coterie.profiles.asking import Asking
from coterie.profiles.history import Step
from coterie.profiles.stores import answered
from coterie.project import Project
from coterie.storage.ledger import Run
from tests.examples.projects import Example
from tests.examples.test_online_retail import read
from tests.support import retail

pytestmark = pytest.mark.xdist_group("online_retail_monthly")  # one worker runs it
MONTHS = [*(f"2011-{month:02}-01" for month in range(1, 13)), "2011-12-10"]
DAYS = ("2011-01-01", "2011-06-30T23:59:59.999999Z", "2011-11-11")


@pytest.fixture(scope="module")
def monthly(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The example with a run at the start of every month and one at the end."""
    made = retail.imported(shared_data, tmp_path_factory)
    example = Example.copied(made, tmp_path_factory.mktemp("monthly") / "shop")
    for month in MONTHS:
        example.project.run(month)
    return example.project


@pytest.fixture(scope="module")
def records(monthly: Project) -> pa.Table:
    return state.read_changes(monthly.stores.lake, monthly.stores.ledger)


@pytest.fixture(scope="module")
def recomputed(monthly: Project) -> dict[int, pa.Table]:
    """The memberships at every run, asked anew with the fits that were active there."""
    questions, (_, lake, ledger) = monthly.questions, monthly.stores
    asking, runs = Asking(lake, questions.asked), ledger.runs()
    spine = pa.concat_tables([asking.everyone(answered(r).offset, [r.clock]) for r in runs])
    fits = fitting.stored(ledger, monthly.stores.log.end())
    values = asking.values(questions.groups, spine, fits)
    library = questions.library
    return {
        run.offset: members.memberships(
            values.filter(pc.equal(values["t"], run.clock)), library.segments, library.stages
        )
        for run in runs
    }


def last_by(monthly: Project, day: str) -> Run:
    instant = monthly.instant(day)
    return [run for run in monthly.stores.ledger.runs() if run.clock <= instant][-1]


def test_records_fold_to_the_memberships_recomputed_at_every_run(
    monthly: Project, records: pa.Table, recomputed: dict[int, pa.Table]
) -> None:
    """Thirteen times, everybody in every segment and stage; ranks are learnt anew each time."""
    assert len(recomputed) == len(MONTHS)
    for offset, table in recomputed.items():
        assert members.folded(records, offset).equals(table)
    assert records.num_rows > 50_000
    assert set(records["cause"].unique().to_pylist()) == {"run", "refit"}


@pytest.mark.parametrize("day", DAYS)
def test_members_on_any_day_are_those_recomputed_at_the_last_run(
    monthly: Project, recomputed: dict[int, pa.Table], day: str
) -> None:
    """For every segment and every stage."""
    truth = recomputed[last_by(monthly, day).offset].to_pylist()
    wanted: dict[str, set[str]] = {name: set() for name in monthly.library.segments}
    for row in truth:
        name = f"{row['segment']}.{row['stage']}" if row["stage"] else row["segment"]
        wanted.setdefault(name, set()).add(row["profile"])
    assert len(wanted) > 20
    for name, people in wanted.items():
        report = monthly.members(name, on=day)
        assert report.holds == len(people), name
        listed = people if report.purpose == "analytics" else set()  # nobody consented to others
        assert {one.profile for one in report.people} == listed, name


def test_members_as_of_a_run_are_the_same_by_knowledge(monthly: Project) -> None:
    """The input came in order, so what is known of July is what was believed."""
    for name in ("active_30d", "champions", "loyalty_tier.gold"):
        on, at = (monthly.members(name, **{how: "2011-07-01"}) for how in ("on", "at"))
        assert [p.profile for p in on.people] == [p.profile for p in at.people]
        assert on.holds == at.holds > 0


def test_belief_and_knowledge_agree_on_input_in_order(monthly: Project) -> None:
    """Size and change of every segment and stage at every run, whatever caused it.

    Who enters by a refit and leaves by the run is recorded twice and known of neither time.
    """
    for name in monthly.questions.groups:
        believed, known = (
            runs(monthly.history(name, known=known).steps) for known in (False, True)
        )
        assert believed == known, name


def runs(steps: list[Step]) -> dict[tuple[int, str], tuple[int, int]]:
    """The size of each stage after each run, and by how much it grew there."""
    found: dict[tuple[int, str], tuple[int, int]] = {}
    for step in steps:
        _, grown = found.get((step.at, step.stage), (0, 0))
        found[step.at, step.stage] = step.size, grown + step.entered - step.left
    return found


def test_active_buyers_over_time_equal_pandas(monthly: Project, shared_data: Path) -> None:
    """Who ordered within thirty days before each run, who of them is new and who went."""
    lines = read(shared_data)
    orders = lines[~lines["InvoiceNo"].str.startswith("C")].groupby(["person", "InvoiceNo"])["at"]
    first = orders.min().reset_index()
    former: set[str] = set()
    for step, month in zip(monthly.history("active_30d").steps, MONTHS, strict=True):
        now = pd.Timestamp(month, tz="UTC")
        within = (first["at"] > now - pd.Timedelta(days=30)) & (first["at"] <= now)
        people = set(first[within]["person"])
        assert (step.size, step.entered, step.left) == (
            len(people), len(people - former), len(former - people),
        )  # fmt: skip
        former = people
