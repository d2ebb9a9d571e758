"""Segments reviewed: which to merge, being alike, small or weak, and which to divide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Literal

import numpy as np

from coterie.discover.explaining.differences import standardised
from coterie.discover.explaining.facts import number
from coterie.discover.prepared import Prepared, Reals
from coterie.discover.splitting.dividing import Division, divided, measured
from coterie.discover.splitting.hierarchy import KIND, LEAST_VALLEY, chance
from coterie.discover.splitting.testing import Flags, Test, adjusted, alike, below, moments
from coterie.errors import CoterieError

SAME = 0.9
"""Two segments of which so large a part of either's people is in both are the same people."""
WEAK = 0.444
"""A segment is weak where one of it has more than one of the rest less often than this: a
standardised difference of 0.2, which is called small."""


@dataclass(frozen=True)
class Proposal:
    """Something to do about segments.

    Parameters
    ----------
    do : str
        ``merge`` or ``divide``.
    groups : tuple of str
        The segments; of a weak or small one first it, then the one most like it.
    because : str
        ``same``, ``alike``, ``small``, ``weak`` or ``two``.
    said : str
        One sentence with its numbers.
    test : Test or None
        What stands behind it; None where nothing is tested but counted.
    """

    do: Literal["merge", "divide"]
    groups: tuple[str, ...]
    because: Literal["same", "alike", "small", "weak", "two"]
    said: str
    test: Test | None = None


@dataclass(frozen=True)
class Reviewed:
    """One segment under review.

    Parameters
    ----------
    name : str
    people : int
        Of those in the study.
    outcome : float
        The mean; NaN without one.
    """

    name: str
    people: int
    outcome: float


@dataclass(frozen=True)
class Review:
    """What was proposed, of how much.

    Parameters
    ----------
    groups : tuple of Reviewed
    proposals : tuple of Proposal
        To merge first, then to divide; each in the order of its certainty.
    n_tests : int
        How many tests the proposals were corrected for.
    outcome : str
        What segments were held against; empty without one.
    n_left_out : int
        People who were not compared, since the preparation left them out.
    """

    groups: tuple[Reviewed, ...]
    proposals: tuple[Proposal, ...]
    n_tests: int
    outcome: str = ""
    n_left_out: int = 0


@dataclass(frozen=True)
class Limits:
    """When something is proposed.

    Parameters
    ----------
    floor : int
        The least people of a segment.
    margin : float
        The difference of means, in standard deviations of everybody, that does not matter.
    level : float
        The part of the proposals of one kind that may be wrong, on average.
    """

    floor: int = 100
    margin: float = 0.2
    level: float = 0.05


@dataclass(frozen=True)
class _Asked:
    prepared: Prepared
    groups: Mapping[str, Flags]
    limits: Limits
    outcome: str
    values: Reals = field(repr=False)

    @cached_property
    def means(self) -> dict[str, Reals]:
        """Of each group the mean of every feature."""
        values = self.prepared.standardised
        return {name: values[inside].mean(axis=0) for name, inside in self.groups.items()}

    def mean(self, inside: Flags) -> float:
        known = self.values[inside & ~np.isnan(self.values)]
        return float(known.mean()) if len(known) else float("nan")


def review(
    prepared: Prepared,
    groups: Mapping[str, Flags],
    outcome: tuple[str, Reals] | None = None,
    *,
    limits: Limits = Limits(),
    seed: int = 0,
) -> Review:
    """What speaks for merging or dividing segments.

    Parameters
    ----------
    prepared : Prepared
        The traits by which people are compared; the outcome should not be among them.
    groups : mapping of str to (n,) bool
        Who of the prepared rows is in each segment; people may be in several, or in none.
    outcome : (str, (n,) float64), optional
        What segments are for: its name, and a number, or 1 and 0, a row; unknown is NaN.
    limits : Limits
    seed : int

    Raises
    ------
    CoterieError
        There are fewer than two segments with anybody in them.

    Notes
    -----
    Merging is proposed for segments of the same people, of which only the first is looked at
    further; for two apart whose every trait (and outcome) is equivalent; for one under the floor;
    and for one below the rest on the outcome. The latter two are to be merged with the segment
    whose traits are nearest. Dividing is proposed where the people of a segment are more than one
    heap. Stages (``lifecycle.loyal``) are held against those of their own set, segments against
    segments. Tests of one kind are corrected together (`testing.adjusted`).
    """
    held = {name: inside for name, inside in groups.items() if inside.any()}
    if len(held) < 2:
        raise CoterieError(
            "there is nothing to compare", got=f"{len(held)} segments with people",
            expected="at least 2", hint="name the segments, or define some",
        )  # fmt: skip
    name, values = outcome or ("", np.full(len(prepared.matrix), np.nan))
    same = _same(held)
    again = {other for proposal in same for other in proposal.groups[1:]}
    once = {group: inside for group, inside in held.items() if group not in again}
    asked = _Asked(prepared, once, limits, name, np.asarray(values, dtype=np.float64))
    (like, n_like), (weak, n_weak), (two, n_two) = _alike(asked), _weak(asked), _two(asked, seed)
    return Review(
        tuple(Reviewed(n, int(i.sum()), asked.mean(i)) for n, i in held.items()),
        (*same, *like, *_small(asked), *weak, *two),
        n_like + n_weak + n_two,
        name,
    )


def _same(groups: Mapping[str, Flags]) -> list[Proposal]:
    found, taken = list[Proposal](), set[str]()
    for name, inside in groups.items():
        others = {
            other: int((inside & more).sum()) / int((inside | more).sum())
            for other, more in groups.items()
            if other != name and not {other, name} & taken
        }
        same = [other for other, part in others.items() if part >= SAME]
        if same:
            taken.update(same)
            least = min(others[other] for other in same)
            said = f"{_listed([name, *same])} are the same people ({least:.0%} of all are in both)"
            found.append(Proposal("merge", (name, *same), "same", said))
    return found


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _alike(asked: _Asked) -> tuple[list[Proposal], int]:
    names = [name for name, inside in asked.groups.items() if inside.sum() > 1]
    outcome = [asked.values] if asked.outcome else []
    values = np.column_stack([asked.prepared.standardised, *outcome])
    found = moments(_standard(values), [asked.groups[name] for name in names])
    pairs = [
        (i, j)
        for i, j in combinations(range(len(names)), 2)
        if family(names[i]) == family(names[j])
        and not (asked.groups[names[i]] & asked.groups[names[j]]).any()
    ]
    tests = [alike(found, i, j, asked.limits.margin) for i, j in pairs]
    proposals = [
        _is_alike(asked, (names[i], names[j]), Test(ALIKE, gap, p, corrected))
        for (i, j), (gap, p), corrected in zip(
            pairs, tests, adjusted([p for _, p in tests]), strict=True
        )
        if corrected <= asked.limits.level
    ]
    return sorted(proposals, key=_certainty), len(pairs)


ALIKE = "equivalence in every trait (two one-sided Welch tests; Schuirmann, 1987)"


def _is_alike(asked: _Asked, names: tuple[str, str], test: Test) -> Proposal:
    also = f" and in {asked.outcome}" if asked.outcome else ""
    said = (
        f"{names[0]} and {names[1]} behave alike: in every trait{also} their means differ by less "
        f"than {asked.limits.margin:g} standard deviations (seen: {test.effect:.2f} at most, "
        f"{chance(test.adjusted)})"
    )
    return Proposal("merge", names, "alike", said, test)


def _small(asked: _Asked) -> Iterator[Proposal]:
    for name, inside in asked.groups.items():
        people = int(inside.sum())
        if people < asked.limits.floor and (other := _nearest(asked, name)):
            said = (
                f"{name} has {_people(people)}, fewer than the floor of {asked.limits.floor:,}; "
                f"{other} is most like it"
            )
            yield Proposal("merge", (name, other), "small", said)


def _people(n: int) -> str:
    return f"{n:,} {'person' if n == 1 else 'people'}"


def _weak(asked: _Asked) -> tuple[list[Proposal], int]:
    if not asked.outcome:
        return [], 0
    tests = {name: below(asked.values, inside) for name, inside in asked.groups.items()}
    corrected = adjusted([p for _, p in tests.values()])
    found = list[Proposal]()
    for (name, (more, p)), each in zip(tests.items(), corrected, strict=True):
        if each <= asked.limits.level and more < WEAK:
            found += _is_weak(asked, name, Test(WEAKER, more, p, each))
    return sorted(found, key=_certainty), len(tests)


WEAKER = "below the rest (Mann and Whitney, 1947)"


def _is_weak(asked: _Asked, name: str, test: Test) -> Iterator[Proposal]:
    inside, other = asked.groups[name], _nearest(asked, name)
    if other:
        said = (
            f"{name} does worse than the rest: {asked.outcome} is {number(asked.mean(inside))} on "
            f"average, {number(asked.mean(~inside))} elsewhere, and one of {name} has more than "
            f"one of the rest in {test.effect:.0%} of pairs ({chance(test.adjusted)}); {other} is "
            "most like it"
        )
        yield Proposal("merge", (name, other), "weak", said, test)


def _two(asked: _Asked, seed: int) -> tuple[list[Proposal], int]:
    values = measured(asked.prepared, seed)
    cuts = {
        name: found
        for name, inside in asked.groups.items()
        if (found := divided(values[inside], asked.limits.floor, seed)) is not None
    }
    proposals = []
    for (name, cut), corrected in zip(
        cuts.items(), adjusted([cut.p for cut in cuts.values()]), strict=True
    ):
        if corrected <= asked.limits.level and cut.valley >= LEAST_VALLEY:
            n, m = int((~cut.second).sum()), int(cut.second.sum())
            said = (
                f"{name} is more than one group: {n:,} and {m:,} people, apart most by "
                f"{_apart(asked, asked.groups[name], cut)}; between them the density falls by "
                f"{cut.valley:.0%}, in one heap by {cut.by_chance:.0%} ({chance(corrected)})"
            )
            test = Test(KIND, cut.valley, cut.p, corrected)
            proposals.append(Proposal("divide", (name,), "two", said, test))
    return sorted(proposals, key=_certainty), len(cuts)


def _apart(asked: _Asked, inside: Flags, cut: Division) -> str:
    """The feature by which the parts of a segment differ most."""
    gaps = np.abs(standardised(asked.prepared.standardised[inside], cut.second))
    return asked.prepared.names[int(gaps.argmax())]


def _nearest(asked: _Asked, name: str) -> str:
    """The group of the same family whose means lie nearest to this one's; empty without one."""
    mine = asked.means[name]
    others = [other for other in asked.groups if other != name and family(other) == family(name)]
    return min(others, key=lambda each: float(((asked.means[each] - mine) ** 2).sum()), default="")


def family(name: str) -> str:
    """The set that a stage belongs to; empty for a segment.

    Examples
    --------
    >>> family("lifecycle.loyal"), family("champions")
    ('lifecycle', '')
    """
    return name.partition(".")[0] if "." in name else ""


def _certainty(proposal: Proposal) -> float:
    return proposal.test.adjusted if proposal.test is not None else 0.0


def _standard(values: Reals) -> Reals:
    """Columns in standard deviations of everybody; the unknown is the mean."""
    spread = np.nanstd(values, axis=0)
    centred = values - np.nanmean(values, axis=0)
    found: Reals = np.nan_to_num(centred / np.where(spread > 0, spread, 1.0))
    return found
