"""Definitions that are edited while a replay runs take effect without a restart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coterie.errors import CoterieError, DefinitionErrors
from tests.live.shop import DEFINITIONS, Live

WIDER = DEFINITIONS.replace("order.any(within=days(10))", "order.any(within=days(20))")
FEWER = DEFINITIONS.replace("keen = segment(viewed.count(within=days(7)) >= 2)\n", "")
MORE = DEFINITIONS + "early = segment(order.count(within=days(3)) >= 1)\n"
RANKED = DEFINITIONS + "top = segment(quantile_rank(orders, 2) == 2)\n"


def editing(shop: Live, definitions: str, after: int) -> Callable[[], bool]:
    """Writes other definitions after so many steps of a replay, which goes on."""
    steps = 0

    def stopping() -> bool:
        nonlocal steps
        steps += 1
        if steps == after:
            shop.define(definitions)
        return False

    return stopping


def edits(shop: Live, segment: str) -> list[tuple[Any, ...]]:
    """The records of one segment that an edit made."""
    return [row for row in shop.records() if row[3] == segment and row[5] == "edit"]


@pytest.mark.parametrize("definitions", [WIDER, FEWER, MORE, RANKED])
def test_edit_takes_effect_at_the_next_step(shop: Live, definitions: str) -> None:
    """Unchanged definitions go on, others are computed from history, and all equal SQL."""
    shop.replay(stopping=editing(shop, definitions, 8))
    assert shop.replay().version == 2
    assert shop.verified().live
    assert shop.folded() == shop.members()


def test_people_who_no_longer_belong_leave(shop: Live) -> None:
    """All at the clock of the edit, with the cause `edit` and the new version."""
    shop.replay(stopping=editing(shop, FEWER, 8))
    gone = edits(shop, "keen")
    assert gone
    assert len({row[0] for row in gone}) == 1
    assert {(row[2], row[6]) for row in gone} == {(False, 2)}
    assert not [row for row in shop.records() if row[3] == "keen" and row > gone[-1]]


def test_only_what_was_edited_changes(shop: Live) -> None:
    """The records of other segments are those of a replay without an edit."""
    shop.replay(stopping=editing(shop, WIDER, 8))
    assert edits(shop, "active")
    assert {row[3] for row in shop.records() if row[5] == "edit"} == {"active"}


def test_new_model_is_learnt_at_once(shop: Live) -> None:
    """Nobody waits for the next scheduled fit."""
    shop.replay(stopping=editing(shop, RANKED, 5))
    first = min(row for row in shop.records() if row[3] == "top")
    assert first[5] == "refit"
    assert first[0] < 31 * 86_400_000_000


def test_invalid_edit_is_told_once_and_the_old_stays(shop: Live) -> None:
    """What is wrong is said as by a run; the stream goes on by the definitions before."""
    told: list[CoterieError] = []
    shop.replay(stopping=editing(shop, "nothing = 1 +", 5), refused=told.append)
    assert len(told) == 1
    assert "definitions.py:1" in str(told[0])
    shop.define(DEFINITIONS)
    assert shop.verified().live
    shop.define("half = segment(nobody)")
    with pytest.raises((DefinitionErrors, CoterieError)):
        shop.replay()


def test_edit_between_two_replays_is_an_edit(shop: Live) -> None:
    """It takes effect where the clock stands when the stream is taken up."""
    shop.replay(20.0)
    shop.define(WIDER)
    shop.replay(20.0)
    assert {row[0] for row in edits(shop, "active")} == {20 * 86_400_000_000}
    shop.replay(60.0)
    shop.verified()
    assert [v.version for v in shop.project.versions().versions] == [1, 2]


def test_type_of_a_property_may_change(shop: Live) -> None:
    """Everything is computed anew under the plan of today; nobody moves whom it does not touch."""
    shop.replay(20.0)
    (plan,) = (shop.folder / "tracking_plan").glob("*.toml")
    text = plan.read_text()
    assert "scale = 2" in text
    plan.write_text(text.replace("scale = 2", "scale = 3"))
    shop.replay(60.0)
    shop.verified()
    assert not [row for row in shop.records() if row[5] == "edit"]
