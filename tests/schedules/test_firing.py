"""The clock fires what is due on its way, in order, each as of its exact instant."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from coterie.cli.main import app
from coterie.errors import CoterieError
from coterie.language.time import DAY, iso, parse_instant
from coterie.project import Project
from tests.project.shop import MAPPING, MORE, Shop, at

ORDERS = 'files = "inbox/*.csv"\nmapping = "shop.toml"\n'
DAILY = '[segments.default]\nschedule = "0 6 * * *"\n'


def scheduled(shop: Shop, text: str) -> Project:
    """The shop with these schedules."""
    file = shop.folder / "coterie.toml"
    file.write_text(f"{file.read_text()}\n{text}")
    shop.project.close()
    shop.project = shop.open()
    return shop.project


def clocks(shop: Shop) -> list[str]:
    """The instants of every run."""
    return [iso(run.clock) for run in shop.project.stores.ledger.runs()]


def test_thirty_simulated_days_are_thirty_daily_runs(shop: Shop) -> None:
    """Each at its instant, and none twice."""
    project = scheduled(shop, DAILY)
    project.run("2024-01-15T06:00")
    report = project.run("2024-02-14T06:00")
    found = clocks(shop)
    assert found == [iso(at("2024-01-15T06:00") + day * DAY) for day in range(31)]
    assert report.notes == [
        "30 scheduled, on the way, as of 2024-01-16 06:00:00 +00:00 to 2024-02-14 06:00:00 +00:00"
    ]


def test_steps_of_the_clock_change_nothing(shop: Shop) -> None:
    """The same firings happen in one stride and in many."""
    project = scheduled(shop, DAILY)
    for day in ("01-15T05:00", "01-16T05:59:59", "01-16T06:00", "01-18T12:00"):
        project.run(f"2024-{day}")
    assert clocks(shop) == [
        "2024-01-15T05:00:00Z",
        "2024-01-15T06:00:00Z",
        "2024-01-16T05:59:59Z",
        "2024-01-16T06:00:00Z",
        "2024-01-17T06:00:00Z",
        "2024-01-18T06:00:00Z",
        "2024-01-18T12:00:00Z",
    ]
    assert shop.members() == shop.folded()


def test_each_run_answers_as_of_its_own_instant(shop: Shop) -> None:
    """Who was active between two commands is in the record of changes."""
    project = scheduled(shop, DAILY)
    project.run("2024-01-09")
    project.run("2024-01-22")
    sizes = {iso(step.at): step.size for step in project.history("active").steps}
    assert sizes["2024-01-11T06:00:00Z"] == 1
    assert sizes["2024-01-21T06:00:00Z"] == 2


def test_first_run_has_no_past(shop: Shop) -> None:
    """Without a former clock nothing was due."""
    scheduled(shop, DAILY).run("2024-03-01")
    assert clocks(shop) == ["2024-03-01T00:00:00Z"]


def test_firing_that_was_killed_is_fired_again(shop: Shop) -> None:
    """A tick without its run does not count as done."""
    project = scheduled(shop, DAILY)
    project.run("2024-02-19")
    project.stores.log.append("tick", at("2024-02-19T06:00"), b"{}")  # and killed here
    project.run("2024-02-20")
    assert clocks(shop)[1:] == ["2024-02-19T06:00:00Z", "2024-02-20T00:00:00Z"]


def test_one_instant_has_one_run(shop: Shop) -> None:
    """However many schedules name it."""
    project = scheduled(
        shop,
        DAILY
        + '[segments.active]\nschedule = "0 */6 * * *"\n[fits.default]\nschedule = "0 0 * * *"\n',
    )
    project.run("2024-02-01")
    project.run("2024-02-02")
    assert [clock[11:16] for clock in clocks(shop)] == ["00:00", "06:00", "12:00", "18:00", "00:00"]


def test_fits_are_learned_when_it_is_time(shop: Shop) -> None:
    """Between their instants runs use the parameters they have, though orders come on."""
    project = scheduled(shop, DAILY + '[fits.default]\nschedule = "0 6 1 * *"\n')
    project.run("2024-02-24")
    project.run("2024-03-02")
    fits = {iso(fit.at)[:16] for fit in project.stores.ledger.fits()}
    assert fits == {"2024-02-24T00:00", "2024-03-01T06:00"}


def test_one_definition_may_have_its_own_fit(shop: Shop) -> None:
    """The others are learned in every run, as without schedules."""
    project = scheduled(shop, '[fits.rank]\nschedule = "0 6 1 * *"\n')
    project.run("2024-01-21")
    project.run("2024-02-12")
    project.run("2024-03-02")
    rank = project.library.fitted(["rank"])
    [usual] = set(project.library.fitted()) - set(rank)
    fits = [(iso(fit.at)[:10], fit.node) for fit in project.stores.ledger.fits()]
    assert [day for day, node in fits if node in rank] == ["2024-01-21", "2024-03-01"]
    assert "2024-02-12" in [day for day, node in fits if node == usual]


def test_files_are_imported_before_the_run_of_their_instant(shop: Shop) -> None:
    """By the pattern, through the mapping; rows that are stored already are not stored again."""
    (shop.folder / "inbox").mkdir()
    (shop.folder / "inbox" / "more.csv").write_text(MORE)
    (shop.folder / "shop.toml").write_text(MAPPING)
    project = scheduled(
        shop,
        DAILY + f'[imports.orders]\nschedule = "0 6 * * *"\n{ORDERS}',
    )
    project.run("2024-02-20")
    before = project.status().stored
    project.run("2024-02-22T06:00")
    assert project.status().stored == before + 2
    orders = project.schedule().schedules[0]
    assert orders.last is not None
    assert (iso(orders.last.at), orders.last.said) == (
        "2024-02-22T06:00:00Z",
        "1 files, 0 new events",
    )
    assert project.profile("eve").traits["orders"] == 1


def test_report_is_written_as_of_its_instant(shop: Shop) -> None:
    """One file a day where its name has the date."""
    project = scheduled(
        shop, '[reports.weekly]\nschedule = "0 8 * * 1"\nout = "reports/{date}.html"\n'
    )
    project.run("2024-02-10")
    project.run("2024-02-20")
    assert sorted(path.name for path in (shop.folder / "reports").iterdir()) == [
        "2024-02-12.html",
        "2024-02-19.html",
    ]


def test_failure_is_said_and_keeps_nothing_else_from_happening(shop: Shop) -> None:
    """The run goes on, and the schedule's outcome says what went wrong."""
    (shop.folder / "inbox.csv").write_text(MORE)
    project = scheduled(
        shop,
        DAILY + '[imports.orders]\nschedule = "0 6 * * *"\nfiles = "*.csv"\nmapping = "no.toml"\n',
    )
    project.run("2024-02-20")
    report = project.run("2024-02-20T06:00")
    assert any("imports.orders failed" in note for note in report.notes)
    assert clocks(shop)[-1] == "2024-02-20T06:00:00Z"


def test_missed_runs_are_seen_and_made_up_for(shop: Shop) -> None:
    """After three days without a process, the schedule says so and so does the run."""
    project = scheduled(shop, DAILY)
    project.run("2024-02-26T12:00")
    [planned] = project.schedule().schedules
    assert planned.missed == 3
    assert iso(planned.next or 0) == "2024-03-01T06:00:00Z"
    report = project.run()
    assert "3 scheduled, missed; made up for now, as of 2024-02-27" in report.notes[0]
    [planned] = project.schedule().schedules
    assert planned.missed == 0
    assert clocks(shop)[1:] == [
        "2024-02-27T06:00:00Z",
        "2024-02-28T06:00:00Z",
        "2024-02-29T06:00:00Z",
        "2024-03-01T00:00:00Z",
    ]


def test_command_lists_what_runs_when(shop: Shop) -> None:
    """In words, with the next instant and the last outcome."""
    project = scheduled(shop, DAILY)
    shop.now = parse_instant("2024-03-01T00:00:00Z")
    project.run("2024-02-29T05:00")
    project.run("2024-02-29T07:00")
    project.close()
    done = CliRunner().invoke(app, ["-p", str(shop.folder), "schedule"])
    assert "segments.default: At 06:00 every day (0 6 * * *, UTC)" in done.output
    assert "last    2024-02-29 06:00:00 +00:00: 4 people" in done.output
    assert "missed" in done.output
    done = CliRunner().invoke(app, ["-p", str(shop.folder), "schedule", "--json"])
    assert '"schedule": "0 6 * * *"' in done.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[segments.default]\nschedule = "6 am"\n', "not a cron line"),
        (DAILY + 'zone = "Europe/Londn"\n', "no such time zone"),
        ('[segments.activ]\nschedule = "0 6 * * *"\n', "did you mean 'active'"),
        ('[fits.orders]\nschedule = "0 6 * * *"\n', "no fits named 'orders'"),
        ('[reports.x]\nschedule = "0 6 * * *"\nout = "../x.html"\n', "below the project"),
        ('[imports.x]\nschedule = "0 6 * * *"\nfiles = "x"\n', "mapping"),
    ],
)
def test_wrong_schedule_is_refused_before_anything_moves(shop: Shop, text: str, said: str) -> None:
    """With its place and the nearest right name."""
    with pytest.raises(CoterieError) as refused:
        scheduled(shop, text).run("2024-03-01")
    assert said in str(refused.value)
