"""Since when a value is what it is: no instant of one's life is overlooked."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.engines.fits import Fit, Fits
from coterie.engines.reference import Fact, evaluate
from coterie.language.library import Library
from coterie.profiles.why.explain import ALWAYS
from coterie.profiles.why.since import Timeline
from tests.strategies import fits_for, library_over, plans
from tests.strategies.histories import one_history
from tests.strategies.positions import edges


def held(library: Library, fits: Fits, offset: int, t: int) -> Fits:
    """The parameters that a position uses, as if they had always been."""
    used = (fits.active(key, offset, t) for key in library.fitted())
    return Fits(Fit(each.key, 0, ALWAYS, each.parameters) for each in used if each is not None)


class Life(NamedTuple):
    """Definitions, somebody's events, every edge of their windows, and one of them."""

    library: Library
    history: list[Fact]
    offset: int
    instants: list[int]
    t: int
    fits: Fits


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Somebody, with whatever is defined."""
    plan = draw(plans())
    library = draw(library_over(plan))
    history, fitted = draw(one_history(plan)), draw(fits_for(library))
    offset = max((fact.offset for fact in history), default=0)
    instants = edges(history, library)
    t = draw(st.sampled_from(instants))
    return Life(library, history, offset, instants, t, held(library, fitted, offset, t))


@settings(suppress_health_check=list(HealthCheck), max_examples=60)
@given(lives())
def test_a_value_has_been_the_same_since_then_and_was_another_before(life: Life) -> None:
    """At every edge of every window, for whatever is defined."""
    library, history, offset, instants, t, fits = life
    for name in library:
        lowered = library.lowered[name]

        def value(at: int, name: str = name) -> object:
            return evaluate(library, [name], history, offset, at, fits)[name]

        since, exact = Timeline(library, lowered, history, offset, fits).since(t)
        same = [at for at in instants if at <= t and (since is None or at >= since)]
        assert {repr(value(at)) for at in same} == {repr(value(t))}
        assert since is None or not exact or repr(value(since - 1)) != repr(value(t))


@settings(suppress_health_check=list(HealthCheck), max_examples=60)
@given(lives(), st.integers(0, 20))
def test_whoever_stops_looking_says_so_and_nothing_wrong(life: Life, thousands: int) -> None:
    """Up to where one looked the value is the same; an exact instant is the one of who goes on."""
    library, history, offset, _, t, fits = life
    most = thousands * 1_000
    for name in library:
        asked = library, library.lowered[name], history, offset, fits
        few, all_ = Timeline(*asked, most), Timeline(*asked)
        since, whole = few.since(t), all_.since(t)
        assert since == whole or not since.exact
        if not since.exact:
            assert since.at is not None
            assert since.at <= t
            assert whole.at is None or whole.at <= since.at
        soon, later = few.next_change(t), all_.next_change(t)
        assert soon == later or not soon.exact
        if not soon.exact:
            assert soon.at is not None
            assert soon.at >= t
            assert later.at is None or later.at > soon.at or not later.exact
