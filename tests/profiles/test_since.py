"""Since when a value is what it is: no instant of one's life is overlooked."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.engines.reference import evaluate
from coterie.profiles.why.since import Timeline
from tests.strategies import fits_for, library_over, plans
from tests.strategies.histories import one_history
from tests.strategies.positions import edges


@settings(suppress_health_check=list(HealthCheck), max_examples=60)
@given(st.data())
def test_a_value_has_been_the_same_since_then_and_was_another_before(data: st.DataObject) -> None:
    """At every edge of every window, for whatever is defined."""
    plan = data.draw(plans())
    library = data.draw(library_over(plan))
    history, fits = data.draw(one_history(plan)), data.draw(fits_for(library))
    offset = max((fact.offset for fact in history), default=0)
    instants = edges(history, library)
    t = data.draw(st.sampled_from(instants))
    for name in library:
        lowered = library.lowered[name]

        def value(at: int, name: str = name) -> object:
            return evaluate(library, [name], history, offset, at, fits)[name]

        since = Timeline(library, lowered, history, offset, fits).since(t)
        same = [at for at in instants if at <= t and (since is None or at >= since)]
        assert {repr(value(at)) for at in same} == {repr(value(t))}
        assert since is None or repr(value(since - 1)) != repr(value(t))
