"""The last answer as pages read it: nobody is computed anew, and what came since is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from coterie.profiles.course import FIRST, Course, course
from coterie.profiles.newest import moved, newest
from coterie.profiles.present import Page, Wanted, came, page
from coterie.profiles.shared import shared
from coterie.profiles.state import read_changes
from coterie.profiles.stores import answered
from coterie.project.written import written
from coterie.storage.outbox import RECORDS, Mark, Outbox
from tests.project.shop import DEFINITIONS, MORE, Shop, at

NAMES = [("active", ""), ("bought", ""), ("mood", "new"), ("mood", "regular")]


@pytest.fixture(scope="module")
def ran_twice(made_and_ran: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop after a second run, which late orders changed."""
    folder = tmp_path_factory.mktemp("twice") / "copy"
    shop = Shop.copied(made_and_ran, folder).imported(MORE, name="more")
    shop.project.run("2024-03-20")
    shop.project.close()
    return folder


@pytest.fixture
def twice(ran_twice: Path, tmp_path: Path) -> Iterator[Shop]:
    """A copy of it."""
    copied = Shop.copied(ran_twice, tmp_path / "copy")
    yield copied
    copied.project.close()


def listed(shop: Shop, segment: str, stage: str = "", **wanted: Any) -> Page:
    published = shop.project.published
    asked = Wanted(segment, stage, published.questions.permission(segment), **wanted)
    offset = answered(published.run).offset
    since = moved(published.stores, published.tally, segment, stage, offset)
    return page(published.everybody, since, asked)


def told_of(shop: Shop, segment: str, stage: str) -> Course:
    project = shop.project
    counts = project.published.tally.of(project.stores, segment, stage)
    return course(counts, project.settings.tz)


def newest_of(
    shop: Shop, segment: str, stage: str, *wanted: str, n: int = 50, skipped: int = 0
) -> tuple[int, list[dict[str, Any]]]:
    project = shop.project
    tally = project.published.tally
    return newest(project.stores, tally, segment, stage, *wanted, n=n, skipped=skipped)


def record(shop: Shop, *moved: tuple[str, str, str]) -> None:
    """Keep changes as a stream does that goes on after the last run."""
    published = shop.project.published
    offset = answered(published.run).offset
    rows = [
        {
            "profile": shop.person(who), "segment": segment, "stage": "", "change": change,
            "at": published.clock + i, "version": 1, "sequence": i, "cause": "event",
            "reason": "Order Completed", "offset": offset + 1,
        }
        for i, (who, segment, change) in enumerate(moved, 1)
    ]  # fmt: skip
    mark = Mark(
        offset=offset + 1, clock=published.clock + 9, horizon=None, definitions_hash="",
        settled=offset + 1,
    )  # fmt: skip
    Outbox(shop.project.stores.ledger).commit(
        mark, pa.Table.from_pylist(rows, pa.schema(list(RECORDS)[1:]))
    )


@pytest.mark.parametrize(("segment", "stage"), NAMES)
def test_course_adds_up_to_what_runs_recorded(twice: Shop, segment: str, stage: str) -> None:
    """The size, and who entered and left by each cause; the first answer moved nobody."""
    name = f"{segment}.{stage}".rstrip(".")
    steps = twice.project.history(name).steps
    found = told_of(twice, segment, stage)
    assert found.size == steps[-1].size
    told: dict[str, tuple[int, int]] = {}
    for step in steps:
        cause = FIRST if step.offset == steps[0].offset else step.cause
        entered, left = told.get(cause, (0, 0))
        told[cause] = entered + step.entered, left + step.left
    summed = {
        cause: tuple(map(sum, zip(*both, strict=True)))
        for cause in told
        if (both := [p.causes[cause] for p in found.points if cause in p.causes])
    }
    assert summed == {cause: both for cause, both in told.items() if any(both)}
    assert sum(point.entered for point in found.points) == sum(
        entered for cause, (entered, _) in told.items() if cause != FIRST
    )


def test_nobody_ever_in_it_has_no_course(ran: Shop) -> None:
    """A name without records has no points, and is empty."""
    found = told_of(ran, "nothing", "")
    assert (found.points, found.size) == ([], 0)


@pytest.mark.parametrize(("segment", "stage"), NAMES)
def test_people_are_the_members_of_the_last_run(twice: Shop, segment: str, stage: str) -> None:
    """Everybody who holds, and of them the audience."""
    name = f"{segment}.{stage}".rstrip(".")
    members = twice.project.members(name)
    everyone = listed(twice, segment, stage, everyone=True)
    assert everyone.holds == members.holds
    inside = {profile for profile, *key in twice.folded() if key == [segment, stage]}
    assert set(everyone.rows["profile"].to_pylist()) == inside
    audience = listed(twice, segment, stage)
    assert audience.rows["profile"].to_pylist() == sorted(one.profile for one in members.people)
    assert audience.audience == audience.found == members.audience


def test_people_are_paged_sorted_and_searched(twice: Shop) -> None:
    """Pages follow each other without a gap; unknown pseudonyms find nobody."""
    every = listed(twice, "active", everyone=True, traits=("spend",), sort="spend")
    assert every.rows["spend"].to_pylist() == sorted(every.rows["spend"].to_pylist())
    pages = [
        listed(
            twice, "active", everyone=True, traits=("spend",), sort="spend", n=1, skipped=i
        ).rows["profile"]
        for i in range(every.holds)
    ]
    assert pa.chunked_array([c for p in pages for c in p.chunks]).equals(every.rows["profile"])
    cas = twice.person("cas")
    assert listed(twice, "active", begins=cas[:9]).rows["profile"].to_pylist() == [cas]
    assert listed(twice, "active", ids=[cas]).rows["profile"].to_pylist() == [cas]
    assert listed(twice, "active", ids=["no one"]).found == 0


def test_who_came_and_went_since_the_last_answer_is_told(twice: Shop) -> None:
    """The course, the people and the newest changes have it at once."""
    project = twice.project
    before = listed(twice, "active", everyone=True)
    size = told_of(twice, "active", "").size
    stays, goes = before.rows["profile"].to_pylist()[:2]
    people = {twice.person(raw): raw for raw in ("ann", "bob", "cas", "dee", "eve")}
    record(twice, (people[goes], "active", "exited"), ("new", "active", "entered"))
    now = listed(twice, "active", everyone=True, traits=("spend",))
    found = dict(zip(now.rows["profile"].to_pylist(), now.rows["spend"].to_pylist(), strict=True))
    assert goes not in found
    assert found[stays] is not None
    assert found[twice.person("new")] is None
    assert told_of(twice, "active", "").size == size
    n, rows = newest_of(twice, "active", "", n=2)
    assert [(row["profile"], row["change"]) for row in rows] == [
        (twice.person("new"), "entered"), (goes, "exited"),
    ]  # fmt: skip
    assert came(project.stores, "active", "", [twice.person("new"), "no one"]) == {
        twice.person("new"): rows[0]["at"]
    }
    assert n == len(newest_of(twice, "active", "", n=99)[1])


def test_who_left_and_came_back_keeps_their_values(twice: Shop) -> None:
    """The last answer knows somebody who was outside then."""
    outside = sorted({"ann", "bob", "cas", "dee", "eve"})
    inside = set(listed(twice, "active", everyone=True).rows["profile"].to_pylist())
    raw = next(each for each in outside if twice.person(each) not in inside)
    record(twice, (raw, "active", "entered"))
    rows = listed(twice, "active", everyone=True, traits=("spend",)).rows.to_pylist()
    (row,) = [row for row in rows if row["profile"] == twice.person(raw)]
    assert row["spend"] is not None


def test_newest_changes_are_those_of_the_records(twice: Shop) -> None:
    """All of one segment, whichever page they are on and whatever is asked for."""
    log = read_changes(twice.project.stores.lake, twice.project.stores.ledger).to_pylist()
    own = [row for row in reversed(log) if row["segment"] == "active"]
    assert own == sorted(own, key=lambda row: row["at"], reverse=True)
    n, rows = newest_of(twice, "active", "", n=2)
    assert n == len(own)
    paged = [
        row for skipped in range(0, n, 2)
        for row in newest_of(twice, "active", "", n=2, skipped=skipped)[1]
    ]  # fmt: skip
    assert [row["profile"] for row in paged] == [row["profile"] for row in own]
    left = [row for row in own if row["change"] == "exited"]
    assert newest_of(twice, "active", "", "exited")[0] == len(left)
    late = [row for row in own if row["cause"] == "late"]
    assert newest_of(twice, "active", "", "", "late")[0] == len(late)
    assert rows == paged[:2]


def test_shared_people_are_those_of_the_picture(twice: Shop) -> None:
    """The same counts as the matrix of overlaps, of those who may be used."""
    from coterie.pictures import overlap

    published = twice.project.published
    names = ["active", "bought", "best", "mood.new"]
    matrix = {
        (row["a"], row["b"]): row["both"] for row in overlap.data(published, names).to_pylist()
    }
    keys = [(*name.partition(".")[::2],) for name in names]
    found = shared(published.everybody, ("active", ""), "may_analytics", keys[1:])
    assert found.own == matrix["active", "active"]
    for one in found.others:
        name = f"{one.segment}.{one.stage}".rstrip(".")
        assert (one.both, one.theirs) == (matrix["active", name], matrix[name, name])


def test_an_edit_changes_nothing_that_was_answered(ran: Shop) -> None:
    """The last answer is told by the definitions that it had, until there is another."""
    published = ran.project.published
    before = published.groups()
    ran.define(DEFINITIONS.replace("within=days(30)", "within=days(5)") + "more = trait(spend)\n")
    ran.project.reload()
    assert published.groups() == before
    ran.project.run("2024-03-02")
    assert published.groups() != before
    assert "more" in published.questions.library


def test_an_answer_is_remembered_until_there_is_another(ran: Shop) -> None:
    """The second asker waits for nothing; after a run it is worked out anew."""
    published, asked = ran.project.published, list[int]()
    for _ in range(2):
        published.remembered(("question",), lambda: asked.append(1))
    ran.project.run("2024-03-02")
    published.remembered(("question",), lambda: asked.append(2))
    assert asked == [1, 2]
    assert published.clock == at("2024-03-02T00:00:00Z")


def test_a_definition_is_shown_as_it_was_written(ran: Shop) -> None:
    """The statement of its line; of a place outside the project nothing."""
    project = ran.project
    found = written(project.folder, project.library.where("bought"))
    assert found.source.startswith("bought = segment(order.any(), purpose=")
    assert found.where == project.library.where("bought")
    assert written(project.folder, "elsewhere.py:3").source == ""
    assert written(project.folder, "").source == ""


def test_one_answer_is_told_of_while_that_is_wished(ran: Shop) -> None:
    """A run that finishes meanwhile is seen after it, and at once by whoever wishes nothing."""
    published = ran.project.published
    with published.steady():
        before = published.run.offset
        with ran.project.again() as other:
            later = other.run("2024-03-25").offset
        with published.steady():
            assert published.run.offset == before
        assert published.run.offset == before
    assert published.run.offset == later > before
