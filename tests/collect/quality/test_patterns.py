"""Patterns: those that could run for long are refused, and the others mean what Python says."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.collect.quality.patterns import WAYS, fitting, ways
from coterie.errors import PlanError


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b", "(a|aa)+b", "(a|ab|b)*c", "(x+x+)+y", "(.*)*", "(a*)*", ".*.*.*x", "a?" * 30,
        "(a|b|ab)*c", r"(\w+\s?)*$", r"([a-zA-Z]+)*\d", "(?:a{1,20}){1,20}b", "(a|é|à)+(a|é)+b" * 3,
    ],
)  # fmt: skip
def test_a_pattern_that_can_blow_up_is_refused(pattern: str) -> None:
    """With what to write instead."""
    with pytest.raises(PlanError, match="too long"):
        fitting(pattern, "Paid.x.pattern")


@pytest.mark.parametrize("pattern", [r"(a)\1", "(?=a)b", "(?i)abc", "(?i:abc)", "a++", "("])
def test_what_cannot_be_counted_is_refused(pattern: str) -> None:
    """References back, what is looked at around, flags; and what is no pattern at all."""
    with pytest.raises(PlanError) as caught:
        fitting(pattern, "Paid.x.pattern")
    assert caught.value.where == "Paid.x.pattern"


@pytest.mark.parametrize(
    ("pattern", "n"),
    [
        ("[A-Z]{2}-[0-9]+", 1), ("[a-z]+(-[a-z]+)*", 1), (r"\d{4}-\d{2}-\d{2}", 1),
        ("[^@]+@[^@]+", 1), ("(GB|DE)[0-9]{9}", 1), ("(a|b)*c", 1), (".*x", 256), ("(ab|cd)?e", 1),
    ],
)  # fmt: skip
def test_usual_patterns_have_few_ways(pattern: str, n: int) -> None:
    """One where the next character always tells how it goes on."""
    assert ways(pattern) == n


PIECES = st.sampled_from(["a", "b", "[ab]", "[^a]", ".", r"\d", "é"])
PATTERNS = st.recursive(
    PIECES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=2).map(lambda two: f"(?:{'|'.join(two)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
    ),
    max_leaves=5,
)


@given(PATTERNS, st.text("ab1é", max_size=12))
def test_patterns_that_are_taken_mean_what_python_says(pattern: str, text: str) -> None:
    """All of the text must fit."""
    try:
        fits = fitting(pattern, "x")
    except PlanError:
        return
    assert fits(text) is (re.fullmatch(pattern, text) is not None)


@given(PATTERNS, st.text("ab1é", max_size=12))
def test_no_text_has_more_ways_than_were_counted(pattern: str, text: str) -> None:
    """Counted here by walking every way there is through short texts."""
    try:
        bound = ways(pattern)
    except Exception:  # noqa: BLE001 - it cannot be counted, and is refused
        return
    if bound <= WAYS:
        assert _walked(pattern, text) <= bound * (len(text) + 2) * (len(pattern) + 2)


def _walked(pattern: str, text: str) -> int:
    """How many distinct ways end somewhere in the text, by the definition of each construct."""
    from coterie.collect.quality import patterns

    parser, c = patterns._parser, patterns._c
    steps = 0

    def walk(items: list, at: int, then) -> None:  # type: ignore[no-untyped-def,type-arg]
        nonlocal steps
        steps += 1
        assert steps < 10**6
        if not items:
            then(at)
            return
        (kind, said), rest = items[0], items[1:]
        if kind is c.SUBPATTERN:
            walk([*said[3], *rest], at, then)
        elif kind is c.BRANCH:
            for branch in said[1]:
                walk([*branch, *rest], at, then)
        elif kind in (c.MAX_REPEAT, c.MIN_REPEAT):
            least, most, body = int(said[0]), min(int(said[1]), len(text) + 1), list(said[2])
            if most > 0:
                walk(body, at, lambda end: walk(
                    [(kind, (max(least - 1, 0), most - 1, body)), *rest], end, then)
                    if end > at or least else None)  # fmt: skip
            if least == 0:
                walk(rest, at, then)
        elif at < len(text) and patterns._has(kind, said, min(ord(text[at]), 128)):
            walk(rest, at + 1, then)

    walk(list(parser.parse(pattern)), 0, lambda end: None)
    return steps
