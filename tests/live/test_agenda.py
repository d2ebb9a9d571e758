"""A replay fires what is scheduled on its way, each at its exact instant, as a run does."""

from __future__ import annotations

from datetime import timedelta

from tests.live.shop import START, Live, day

DAY = 86_400_000_000


def scheduled(shop: Live, settings: str) -> Live:
    """The same shop with more settings, opened once more."""
    shop.project.close()
    file = shop.folder / "coterie.toml"
    file.write_text(file.read_text() + settings)
    return Live(shop.folder.parent, made=True)


def test_fits_are_learnt_when_it_is_time(shop: Live) -> None:
    """Weekly, and at no other instant."""
    shop = scheduled(shop, '[fits.default]\nschedule = "0 6 * * 1"\n')
    shop.replay()
    instants = {
        START + timedelta(microseconds=row[0]) for row in shop.records() if row[5] == "refit"
    }
    assert len(instants) > 3
    assert {(at.weekday(), at.hour, at.minute) for at in instants} == {(0, 6, 0)}
    shop.verified()


def test_scheduled_runs_are_published(shop: Live) -> None:
    """Readers see an answer at each, by which the histories are cut."""
    shop = scheduled(shop, '[segments.default]\nschedule = "0 0 */10 * *"\n')
    shop.replay(35.0)
    clocks = [run.clock for run in shop.project.stores.ledger.runs()]
    zero = 1_704_067_200_000_000
    assert {(clock - zero) // DAY for clock in clocks} >= {10, 20, 30, 31, 35}
    assert len(shop.project.history("active").steps) >= 5


def test_imports_and_reports_are_made_on_the_way(shop: Live) -> None:
    """A file is read at its instant, and the report is as of its own."""
    shop = scheduled(
        shop,
        '[imports.more]\nschedule = "0 12 20 1 *"\nfiles = "more.csv"\nmapping = "more.toml"\n'
        '[reports.monthly]\nschedule = "0 8 1 2 *"\nout = "reports/{date}.html"\n',
    )
    (shop.folder / "more.csv").write_text("who,when,order,amount\nnew,2024-01-19T00:00:00Z,n1,5\n")
    (shop.folder / "more.toml").write_text(
        'source = "more"\nid = "order"\n[person]\ncolumn = "who"\n[instant]\ncolumn = "when"\n'
        '[event]\nname = "Order Completed"\n[properties.amount]\ncolumn = "amount"\n'
        'type = "decimal"\nscale = 2\n'
    )
    shop.replay(40.0)
    assert shop.causes("new", "active")[0] == (19.5, "entered", "late")
    assert (shop.folder / "reports/2024-02-01.html").is_file()
    done = {planned.name: planned.last for planned in shop.project.schedule().schedules}
    assert all(done.values())
    shop.verified()


def test_replay_in_strides_fires_what_one_does(shop: Live) -> None:
    """What is due at the instant at which a stride ends is done once."""
    shop = scheduled(shop, '[fits.default]\nschedule = "0 0 * * *"\n')
    shop.replay(day(10).isoformat())
    models = len(shop.project.stores.log.read(0, 10_000, "model"))
    shop.replay(10.0)
    assert len(shop.project.stores.log.read(0, 10_000, "model")) == models
    shop.verified()
