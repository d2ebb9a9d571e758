"""A run moves the clock, answers everyone, and records what changed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from coterie.errors import ClockError, DefinitionErrors, ProjectError
from coterie.language.values import plain
from coterie.profiles import state
from coterie.profiles.stores import answered
from tests.project.shop import DEFINITIONS, MORE, Shop, at

PEOPLE = ("ann", "bob", "cas", "dee")


def answer(shop: Shop, raw: str) -> dict[str, object]:
    """A person's row of the state that readers see."""
    stores, questions = shop.project.stores, shop.project.questions
    run = stores.ledger.last_run()
    assert run is not None
    kinds = {name: questions.asked.type(name) for name in questions.names}
    found = state.read_state(stores.lake, run, kinds).to_pylist()
    (row,) = [row for row in found if row["profile"] == shop.person(raw)]
    return row


def test_run_answers_everyone_as_the_reference_does(shop: Shop) -> None:
    """Every value of the state is what plain Python makes of the person's facts."""
    run = shop.project.run("2024-03-01")
    kept = shop.project.stores.ledger.last_run()
    assert kept is not None
    assert run.people == len(PEOPLE)
    for raw in PEOPLE:
        row, wanted = answer(shop, raw), shop.reference(raw, answered(kept))
        for name, value in wanted.items():
            assert row[name] == plain(value, shop.project.questions.asked.type(name)), (raw, name)


def test_state_holds_values_in_their_own_types(shop: Shop) -> None:
    """Amounts are decimals, instants are instants, stages are text, segments are truths."""
    shop.project.run("2024-03-01")
    ann = answer(shop, "ann")
    assert ann["spend"] == Decimal("40.50")
    assert str(ann["last_order_at"]) == "2024-02-10 10:00:00+00:00"
    assert (ann["orders"], ann["mood"], ann["bought"]) == (2, "regular", True)
    assert ann["may_marketing"] is False


def test_date_is_midnight_in_the_projects_zone(tmp_path: Path) -> None:
    """`--until 2024-03-01` in Tokyo is nine hours before the same date in UTC."""
    shop = Shop(tmp_path, zone="Asia/Tokyo").imported()
    assert shop.project.run("2024-02-28").clock == at("2024-02-27T15:00:00Z")


def test_clock_never_moves_back(shop: Shop) -> None:
    """An earlier instant is refused, and nothing is written."""
    shop.project.run("2024-03-01")
    end = shop.project.stores.log.end()
    with pytest.raises(ClockError, match="cannot be moved back"):
        shop.project.run("2024-02-01")
    assert shop.project.stores.log.end() == end


def test_run_again_at_the_same_instant_changes_nothing(shop: Shop) -> None:
    """Nothing came between the two, so there is no change record and no new fit."""
    first = shop.project.run("2024-03-01")
    fits = shop.project.stores.ledger.fits()
    records = shop.changes()
    again = shop.project.run("2024-03-01")
    assert again.offset > first.offset
    assert (again.changes, shop.changes()) == (0, records)
    assert shop.project.stores.ledger.fits() == fits


def test_change_records_add_up_to_the_memberships(shop: Shop) -> None:
    """Folding the log of changes gives the state, after every run."""
    for until in ("2024-01-15", "2024-02-15", "2024-03-01", "2024-06-01"):
        shop.project.run(until)
        assert shop.folded() == shop.members() != set()


def test_time_alone_takes_people_out(shop: Shop) -> None:
    """Who ordered too long ago leaves the window, with no new event."""
    shop.project.run("2024-03-01")
    shop.project.run("2024-04-01")
    assert ("active", "exited", "run") in shop.changes()
    assert not [m for m in shop.members() if m[1] == "active"]


def test_stage_change_is_an_exit_and_an_entrance(shop: Shop) -> None:
    """Exactly one stage holds, so whoever enters one has left another."""
    shop.project.run("2024-01-25")
    before = len(shop.changes())
    shop.project.run("2024-02-11")
    moved = [change for change in shop.changes()[before:] if change[0].startswith("mood")]
    assert moved == [("mood.new", "exited", "run"), ("mood.regular", "entered", "run")]


def test_events_after_the_clock_wait(shop: Shop) -> None:
    """A person whose first event is still to come is not there yet."""
    assert shop.project.run("2024-01-15").people == 1
    assert shop.project.run("2024-01-25").people == 2


def test_late_event_is_counted_at_the_next_run(shop: Shop) -> None:
    """What came later changes the answer, and the change is recorded when it was seen."""
    shop.project.run("2024-03-01")
    shop.imported(MORE, name="more")
    done = shop.project.run("2024-03-01")
    assert done.people == len(PEOPLE) + 1
    assert answer(shop, "bob")["spend"] == Decimal(520)
    assert shop.folded() == shop.members()


def test_edited_definition_says_so(shop: Shop) -> None:
    """A change that an edit made has the cause `edit`, and the version counts on."""
    assert shop.project.run("2024-03-01").version == 1
    shop.define(DEFINITIONS.replace("within=days(30)", "within=days(90)"))
    shop.project = shop.open()
    assert shop.project.run("2024-03-01").version == 2
    assert set(shop.changes()[-1:]) == {("active", "entered", "edit")}


def test_run_reads_the_definitions_anew(shop: Shop) -> None:
    """In a notebook that stays open, an edited file counts at the next run."""
    assert "rich" not in shop.project.segments
    shop.define(DEFINITIONS + "rich = segment(spend > 50)\n")
    assert "rich" not in shop.project.segments
    shop.project.run("2024-03-01")
    assert len(shop.project.segments["rich"].holds()) == 1


def test_removed_segment_lets_everybody_go(shop: Shop) -> None:
    """Its members exit, so that folding the records still gives the memberships."""
    shop.project.run("2024-03-01")
    shop.define(DEFINITIONS.replace("best = segment(rank == 3)\n", ""))
    shop.project = shop.open()
    shop.project.run("2024-03-01")
    assert ("best", "exited", "edit") in shop.changes()
    assert shop.folded() == shop.members()


def test_old_definitions_keep_their_version(shop: Shop) -> None:
    """Going back to former definitions goes back to their number, without a new one each run."""
    shop.project.run("2024-03-01")
    for text, version in ((DEFINITIONS + "more = orders + 1\n", 1), (DEFINITIONS, 1)):
        shop.define(text)
        shop.project = shop.open()
        assert shop.project.run("2024-03-01").version == version


def test_wrong_definition_runs_nothing(shop: Shop) -> None:
    """The clock stays where it is, and the log has no new entry."""
    shop.define(DEFINITIONS.replace('"amount"', '"amuont"'))
    shop.project = shop.open()
    end = shop.project.stores.log.end()
    with pytest.raises(DefinitionErrors, match="amount"):
        shop.project.run("2024-03-01")
    assert shop.project.stores.log.end() == end
    assert shop.project.stores.log.clock() is None


def test_old_data_move_the_clock_on_request_only(shop: Shop) -> None:
    """Moved to now, the clock could never go back to where the data are: that must be said."""
    shop.now = shop.now.replace(year=2030)
    with pytest.raises(ClockError) as refused:
        shop.project.run()
    assert "--until last" in refused.value.hint
    assert shop.project.stores.log.clock() is None
    done = shop.project.run("last")
    assert done.clock == done.last_event == at("2024-02-27T10:00:00Z")


def test_run_says_that_data_are_old(shop: Shop) -> None:
    """A clock far after the last event is named with the days between."""
    assert shop.project.run("2024-03-01").notes == []
    (note,) = shop.project.run("2024-06-01").notes
    assert "94 days" in note
    assert "--until last" in note


def test_clock_past_the_last_event_goes_on_with_now(shop: Shop) -> None:
    """A quiet shop that runs every night is not stopped by its quietness."""
    shop.project.run("2024-03-01")
    shop.now = shop.now.replace(year=2030)
    assert shop.project.run().clock == at("2030-03-01")


def test_empty_project_runs(tmp_path: Path) -> None:
    """Nobody is no error, and says what to do."""
    shop = Shop(tmp_path, definitions="")
    done = shop.project.run("2024-03-01")
    assert (done.people, done.changes) == (0, 0)
    assert "import something first" in done.notes[0]
    with pytest.raises(ProjectError, match="no event"):
        shop.project.run("last")


def test_fits_become_active_and_are_versioned(shop: Shop) -> None:
    """A fit is an entry of the log, and a second one stands beside the first."""
    shop.project.run("2024-01-25")
    shop.project.run("2024-03-01")
    log, _, ledger = shop.project.stores
    (key,) = shop.project.library.fitted(["rank"])
    versions = ledger.fits(key)
    assert [v.at for v in versions] == [at("2024-01-25"), at("2024-03-01")]
    assert [e.offset for e in log.read(0, 1000, "model")] == [f.offset for f in ledger.fits()]


def test_fit_on_a_fit_comes_second(shop: Shop) -> None:
    """`usual` averages ranks, which need their edges first: it is known after one run."""
    shop.project.run("2024-03-01")
    ranks = [answer(shop, raw)["rank"] for raw in PEOPLE]
    wanted = sum(Decimal(str(rank)) for rank in ranks) / len(ranks)
    assert answer(shop, "ann")["usual"] == wanted
