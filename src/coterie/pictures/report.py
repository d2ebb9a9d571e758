"""The report: every picture of a project on one page that needs no network."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import combinations

import pyarrow as pa
import pyarrow.compute as pc

from coterie.language.definitions import Stages
from coterie.language.english import people, sentence
from coterie.language.time import from_micros
from coterie.language.types import Integer
from coterie.pictures import (
    comparison,
    distribution,
    flow,
    overlap,
    retention,
    rfm,
    shares,
    sizes,
    trend,
)
from coterie.pictures.crowd import Asked, At, said
from coterie.pictures.page import Page, listed, section

Section = tuple[str, str, list[str]]
"""A name to link to, a heading, and pieces of HTML."""

LONG = 280
"""Letters of a definition that is folded away."""


def report(cdp: Asked, *, at: At = None, compare: tuple[str, str] | None = None) -> str:
    """The report as HTML.

    Parameters
    ----------
    at : instant, optional
        As of then, by what is known now; by default what the last run answered.
    compare : (str, str), optional
        Two segments to set side by side; by default two large ones that share the fewest people.

    Notes
    -----
    It holds counts, means and definitions: no identifier and no pseudonym, and no text of which
    fewer than 5 people have the same. Its pictures count who may be used for the project's default
    purpose.
    """
    return Report(cdp, at, compare).html()


class Report:
    """One report being written.

    Parameters
    ----------
    cdp, at, compare
        As for :func:`report`.
    """

    def __init__(self, cdp: Asked, at: At = None, compare: tuple[str, str] | None = None) -> None:
        self.cdp, self.name, self.at = cdp, cdp.settings.name, at
        self.library = cdp.questions.library
        self.compare = compare
        self.position = cdp.answers.position(cdp.instant(at))
        self.page = Page(f"{self.name}: people and segments")

    def html(self) -> str:
        """The whole file."""
        found = [made for made in self.sections() if made[2]]
        links = [(name, title) for name, title, _ in found]
        body = "\n".join(section(name, title, *parts) for name, title, parts in found)
        return self.page.html(f"{self.head(links)}<main>{body}</main>{self.foot()}")

    def head(self, links: list[tuple[str, str]]) -> str:
        """The title, when it is true, and what there is."""
        as_of = said(from_micros(self.position.t).astimezone(self.cdp.settings.tz))
        return (
            f"<header><h1>{escape(self.name)}: people and segments</h1>"
            f'<p class="soft">As of {as_of} ({escape(str(self.cdp.settings.tz))}), by what was '
            f"known at entry {self.position.offset:,} of the log.</p>{listed(links)}</header>"
        )

    def foot(self) -> str:
        """What the numbers mean."""
        purpose = escape(self.cdp.settings.default_purpose)
        return (
            '<footer class="soft"><p>Written by Coterie. Pictures count the people who may be '
            f"used for {purpose}; sizes count everyone, and say how many may be used for the "
            "segment's own purpose. This page fetches nothing and holds no identifier.</p></footer>"
        )

    def sections(self) -> Iterator[Section]:
        """What the definitions of the project allow to be drawn."""
        yield "segments", "Segments", self.segments()
        for name in self.library.stages:
            yield f"stages-{name}", name, self.stages(name)
        yield "rfm", "Recency and frequency", self.rfm()
        yield "retention", "Retention", self.retention()
        yield "overlap", "Overlap", self.overlap()
        yield "comparison", "Comparison", self.comparison()
        yield "traits", "Traits", self.traits()

    def segments(self) -> list[str]:
        """All sizes, and a card for each: its definition, its people, its size over time."""
        if not self.library.segments:
            return []
        found = sizes.data(self.cdp, at=self.at)
        over = trend.data(self.cdp, at=self.at)
        cards = "".join(self.card(row, over) for row in found.to_pylist())
        figure = self.page.figure(found, sizes.chart(found), heading=False)
        return [figure, f'<div class="cards">{cards}</div>']

    def card(self, row: dict[str, object], over: pa.Table) -> str:
        """One segment."""
        name = str(row["name"])
        mine = over.filter(pc.equal(over["name"], name)).replace_schema_metadata(
            {"title": f"{name} over time", "note": "at the beginning of each month"}
        )
        small = trend.chart(mine).properties(height=70)
        return (
            f"<article><h3>{escape(name)}</h3>{self.meaning(name)}<dl>"
            f"<div><dt>in it</dt><dd>{row['holds']:,}</dd></div>"
            f"<div><dt>for {escape(str(row['purpose']))}</dt><dd>{row['audience']:,}</dd></div>"
            f"<div><dt>of everyone</dt><dd>{100 * float(str(row['share'])):.1f} %</dd></div></dl>"
            f"{self.page.figure(mine, small, heading=False)}</article>"
        )

    def meaning(self, name: str) -> str:
        """A definition as a sentence; a long one is folded behind what its author says of it."""
        definition = self.library.definition(name)
        said = escape(sentence(name, definition))
        if len(said) <= LONG:
            return f"<p>{said}</p>"
        short = escape(definition.description or "definition")
        return f"<details><summary>{short}</summary><p>{said}</p></details>"

    def stages(self, name: str) -> list[str]:
        """A set of stages: what they mean, how many are in each, then and now, and who moved."""
        definition = self.library.definition(name)
        assert isinstance(definition, Stages)
        found = sizes.data(self.cdp, name, at=self.at)
        over = shares.data(self.cdp, name, at=self.at)
        moved = flow.data(self.cdp, name, until=self.at)
        return [
            self.meanings(definition),
            self.page.figure(found, sizes.chart(found), heading=False),
            self.page.figure(over, shares.chart(over)),
            self.page.figure(moved, flow.chart(moved)),
        ]

    @staticmethod
    def meanings(definition: Stages) -> str:
        """Stages in English, one a line, as they precede one another."""
        named = [(stage.name, people(stage.predicate)) for stage in definition.stages]
        items = "".join(
            f"<li><b>{escape(name)}</b>: {escape(said)}</li>"
            for name, said in [*named, (definition.otherwise, "everybody else")]
        )
        order = "The highest that holds" if definition.ordered else "The first that holds"
        said = f"{definition.description}. {order}:" if definition.description else f"{order}:"
        return f"<p>{escape(said)}</p><ol>{items}</ol>"

    def rfm(self) -> list[str]:
        """The grid, where the project ranks recency and frequency as the recipe does."""
        ranks = (rfm.RECENCY, rfm.FREQUENCY)
        if any(one not in self.library or self.library.type(one) != Integer() for one in ranks):
            return []
        stages = rfm.STAGES if rfm.STAGES in self.library.stages else ""
        found = rfm.data(self.cdp, *ranks, stages, at=self.at)
        return [self.page.figure(found, rfm.chart(found), heading=False)]

    def retention(self) -> list[str]:
        """Who orders again, where the tracking plan has orders."""
        if retention.NAME not in self.library.plan.events:
            return []
        found = retention.data(self.cdp, at=self.at)
        return [self.page.figure(found, retention.chart(found), heading=False)]

    def overlap(self) -> list[str]:
        """Who is in several segments, where there are several."""
        found = overlap.data(self.cdp, at=self.at)
        if len(found) < 4:
            return []
        return [self.page.figure(found, overlap.chart(found), heading=False)]

    def comparison(self) -> list[str]:
        """Two segments side by side."""
        pair = self.compare or apart(overlap.data(self.cdp, at=self.at))
        if pair is None:
            return []
        found = comparison.data(self.cdp, *pair, at=self.at)
        return [self.page.figure(found, comparison.chart(found))]

    def traits(self) -> list[str]:
        """The distribution of each trait that has one and tells of nobody."""
        figures = []
        for name in self.library.traits:
            if distribution.drawable(self.cdp, name):
                found = distribution.data(self.cdp, name, at=self.at)
                drawing, meaning = distribution.chart(found), self.meaning(name)
                figures.append(self.page.figure(found, drawing, before=meaning))
        return [f'<div class="grid">{"".join(figures)}</div>'] if figures else []


def apart(found: pa.Table) -> tuple[str, str] | None:
    """Of all pairs that share the fewest people, the one whose smaller segment is largest."""
    both = {(row["a"], row["b"]): row["both"] for row in found.to_pylist()}
    names = list(dict.fromkeys(a for a, _ in both))
    size = {name: both[name, name] for name in names}
    pairs = combinations((name for name in names if size[name]), 2)
    return min(pairs, key=lambda p: (both[p], -min(size[p[0]], size[p[1]])), default=None)
