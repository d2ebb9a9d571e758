"""Watching a segment tells who enters and leaves, once each, with why."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from coterie.cli.main import app
from coterie.errors import UnknownName
from tests.live.shop import Live, bought


def test_each_movement_is_told_once(shop: Live) -> None:
    """Whether it waits in the outbox or is in the lake by then."""
    watch = shop.project.stream.watch("active")
    seen = []
    for until in (10.0, 20.0, 40.0):
        shop.replay(until, keep=60.0)
        seen += watch.look().movements
        assert watch.look().movements == []
    told = sorted((one.at, one.profile, one.change == "entered", one.cause) for one in seen)
    zero = 1_704_067_200_000_000
    recorded = [row for row in shop.records() if row[3] == "active"]
    assert told == sorted((int(row[0]) + zero, row[1], row[2], row[5]) for row in recorded)
    assert len({one.number for one in seen}) == len(seen)


def test_movement_says_why(empty: Live) -> None:
    """The condition that decided it, with its values at that instant."""
    empty.send([bought("o1", "ann", 1, "5"), bought("o2", "bob", 20, "5")])
    empty.replay()
    watch = empty.project.stream.watch("active", latest=3)
    entered, left, other = watch.look().movements
    assert (entered.change, entered.cause, left.change, left.cause) == (
        "entered", "event", "exited", "time",
    )  # fmt: skip
    assert entered.profile == left.profile != other.profile
    assert [why.partition(":")[0] for why in entered.why + left.why] == ["yes", "no"]
    assert "'Order Completed'" in entered.why[0]


def test_whoever_may_not_be_used_is_only_counted(empty: Live) -> None:
    """Nobody has agreed to marketing, so nobody in `quiet` is named."""
    empty.send([bought("o1", "ann", 1, "5"), bought("o2", "bob", 30, "5")])
    empty.replay()
    look = empty.project.stream.watch("quiet", latest=5).look()
    assert (look.movements, look.others) == ([], 1)


def test_command_prints_the_latest_and_ends(shop: Live) -> None:
    """As text, and as a line of JSON each."""
    shop.replay(40.0)
    shop.project.close()
    runner, where = CliRunner(), ["-p", str(shop.folder)]
    said = runner.invoke(app, [*where, "watch", "mood.regular", "--last", "2", "--once"])
    assert said.exit_code == 0, said.output
    assert said.output.count("mood.regular: event") == 2
    lines = runner.invoke(app, [*where, "watch", "mood", "--last", "4", "--once", "--json"])
    assert {json.loads(line)["change"] for line in lines.output.splitlines()} == {
        "entered", "exited",
    }  # fmt: skip


def test_unknown_segment_is_refused(shop: Live) -> None:
    """Before anything is waited for."""
    with pytest.raises(UnknownName):
        shop.project.stream.watch("activ")


def test_status_tells_where_the_stream_stands(shop: Live) -> None:
    """Position, lag, and what the state holds."""
    assert shop.project.status().stream is None
    shop.replay(30.0)
    stream = shop.project.status().stream
    assert stream is not None
    assert stream.clock == shop.project.stores.log.clock()
    assert 29 * 86_400_000_000 < stream.lag < 30 * 86_400_000_000
    assert stream.sizes["people"] == shop.verified().people
    assert stream.sizes["bytes_per_person"] > 100
    assert (stream.waiting_records, stream.behind) == (0, 0)
    shop.project.close()
    said = CliRunner().invoke(app, ["-p", str(shop.folder), "status"]).output
    assert "bytes a person" in said
    assert "0 people took more" in said
    assert stream.sizes["cold"] == 0
    assert {one.name for one in stream.held} >= {"orders", "spend", "favourite"}
    assert "spend: the total amount of 'Order Completed'" in said
    assert "names, memberships, deadlines, what waits" in said
