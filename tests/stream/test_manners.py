"""How a stream is hosted changes nothing: batches, bounds, partitions, restarts, compilation."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import SOAK
from tests.strategies import stories
from tests.stream.compare import check_records, check_values, net, slack
from tests.stream.host import Host, Manner
from tests.stream.story import Story
from tests.stream.uncompiled import printed

generated = settings(suppress_health_check=list(HealthCheck))
seeds = st.integers(0, 2**16)

MANNERS: dict[str, Callable[[int], Manner]] = {
    "micro-batches of any size": lambda seed: Manner(seed, batched=True),
    "small steps and bounded deadlines": lambda seed: Manner(seed, bounded=True),
    "restarts": lambda seed: Manner(seed, restarts=True),
    "4 partitions": lambda seed: Manner(seed, partitions=4),
    "hardly any memory": lambda seed: Manner(seed, budget=8 * (seed % 40)),
    "everything at once": lambda seed: Manner(
        seed, batched=True, bounded=True, restarts=True, partitions=4, budget=seed % 2 * 400
    ),
}


def check_alike(one: Host, other: Host) -> None:
    """The same answers, state and records."""
    check_values(other.values(), one.values())
    assert other.members() == one.members(), "other members"
    assert net(other.changes) == net(one.changes), "other change records"
    assert other.digest() == one.digest(), "another digest"


def check_told(story: Story, one: Host, other: Host) -> None:
    """As `check_alike`; the story is told where they differ."""
    try:
        check_alike(one, other)
    except AssertionError as error:
        said = f"{error}\nby {other.manner} after {other.start} entries of\n{story}"
        raise AssertionError(said) from error


@pytest.mark.parametrize("manner", MANNERS.values(), ids=list(MANNERS))
@settings(generated, max_examples=25)
@given(story=stories(most=20), seed=seeds)
def test_any_manner_gives_the_same(
    manner: Callable[[int], Manner], story: Story, seed: int
) -> None:
    """Values, memberships, change records and the digest of all state."""
    check_told(story, Host(story).finish(), Host(story, 0, manner(seed)).finish())


@pytest.mark.soak
@pytest.mark.parametrize("manner", MANNERS.values(), ids=list(MANNERS))
@settings(generated, max_examples=max(25, SOAK // 200))
@given(story=stories(most=24), seed=seeds)
def test_any_manner_gives_the_same_very_often(
    manner: Callable[[int], Manner], story: Story, seed: int
) -> None:
    """A story of some 50 positions for every 200 of COTERIE_SOAK."""
    check_told(story, Host(story).finish(), Host(story, 0, manner(seed)).finish())


@settings(generated, max_examples=25)
@given(story=stories(most=20), data=st.data())
def test_a_hand_off_anywhere_leads_to_the_same_state(story: Story, data: st.DataObject) -> None:
    """History folded at once is the state that its events made one by one."""
    start = data.draw(st.integers(0, len(story.entries)))
    whole, part = Host(story).finish(), Host(story, start).finish()
    later = [change for change in whole.changes if change.offset > start]
    live = [change for change in part.changes if change.cause != "start"]
    check_records(live, later, slack(*(world.library for world in (whole.world, part.world))))
    part.changes = whole.changes
    check_told(story, whole, part)


@settings(generated, max_examples=25)
@given(story=stories(), seed=seeds)
def test_reading_changes_nothing(story: Story, seed: int) -> None:
    """A state that was read after every entry is the one that was not."""
    one, other = Host(story), Host(story).finish()
    for _ in one.run():
        one.values()
        one.members()
        one.digest()
        one.engine.sizes()
    check_told(story, one, other)


def test_without_numba_all_is_the_same(tmp_path: Path) -> None:
    """COTERIE_COMPILED=0 chooses plain Python, in a process of its own: state and records."""
    told: list[tuple[Story, str]] = []

    @settings(generated, max_examples=15)
    @given(stories())
    def tell(story: Story) -> None:
        told.append((story, outcome(story)))

    tell()
    (tmp_path / "stories").write_bytes(pickle.dumps([story for story, _ in told]))
    program = (
        "import pickle, sys; from pathlib import Path; from tests.stream import test_manners\n"
        "for story in pickle.loads(Path(sys.argv[1]).read_bytes()):\n"
        "    print(test_manners.outcome(story))\n"
    )
    without = printed(program, tmp_path / "stories").splitlines()
    wrong = [str(story) for (story, one), other in zip(told, without, strict=True) if one != other]
    assert not wrong, "\n".join(wrong)


def outcome(story: Story) -> str:
    """All that comes of a story, on one line."""
    host = Host(story).finish()
    return f"{host.digest()} {[tuple(change) for change in host.changes]}"
