"""The oracle against the plain reference: its records, folded up to an instant, say who is in."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.strategies import IN_ORDER, edges, stories
from tests.stream.compare import check_records, folded, slack
from tests.stream.oracle import Life, Oracle, members, values
from tests.stream.story import Story, Ticked, World, told

generated = settings(suppress_health_check=list(HealthCheck))


@settings(generated, max_examples=60)
@given(stories(kinds=IN_ORDER), st.data())
def test_folded_up_to_any_instant_the_records_are_the_memberships(
    story: Story, data: st.DataObject
) -> None:
    """For input in order: at every edge, beside it and anywhere between, as the reference says."""
    oracle = Oracle(story)
    records = [record for entry in story.entries for record in oracle.take(entry)]
    world = oracle.world
    facts = [each.fact for each in world.known.values()]
    any_time = st.integers(story.clock, world.clock)
    around = [t + shift for t in edges(facts, story.library) for shift in (-1, 0, 1)]
    for t in (*around[:90], *(data.draw(any_time) for _ in range(10))):
        if story.clock < t <= world.clock:
            seen = [each for each in records if each.at <= t]
            inside = {(who, *each) for who in world.profiles() for each in Life(world, who).at(t)}
            assert folded(seen) == inside, t


@settings(generated, max_examples=60)
@given(stories())
def test_folded_up_to_any_entry_the_records_are_the_memberships(story: Story) -> None:
    """Whatever the log holds (law 6)."""
    oracle, records = Oracle(story), []
    for entry in story.entries:
        records += oracle.take(entry)
        assert folded(records) == members(values(oracle.world), oracle.world.library)


@settings(generated, max_examples=30)
@given(stories(kinds=IN_ORDER))
def test_events_in_order_change_the_same_one_by_one_and_all_at_once(story: Story) -> None:
    """A log whose events are all there before the clock moves has the same transitions."""
    oracle = Oracle(story)
    records = [record for entry in story.entries for record in oracle.take(entry)]
    ticks = [entry for entry in story.entries if isinstance(entry, Ticked)]
    events = [entry for entry in story.entries if not isinstance(entry, Ticked)]
    at_once = Oracle(Story(story.library, story.clock, (*events, ticks[-1])))
    found = [record for entry in (*events, ticks[-1]) for record in at_once.take(entry)]
    check_records(
        sorted(each._replace(offset=0) for each in found),
        sorted(each._replace(offset=0) for each in records),
        slack(story.library),
    )


@settings(generated, max_examples=30)
@given(stories(), st.data())
def test_a_handed_over_log_goes_on_as_one_that_was_followed(
    story: Story, data: st.DataObject
) -> None:
    """From any entry on, the records are those of an oracle that saw the whole log."""
    start = data.draw(st.integers(0, len(story.entries)))
    whole, part = Oracle(story), Oracle(story, start)
    for entry in story.entries[:start]:
        whole.take(entry)
    entered = part.start()
    assert folded(entered) == members(values(whole.world), whole.world.library)
    for entry in story.entries[start:]:
        assert part.take(entry) == whole.take(entry)
    assert (
        part.world.offset == whole.world.offset == told(story.entries, World.before(story)).offset
    )
