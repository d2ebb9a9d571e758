"""The page of a study: the verdict first, then who the clusters are, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files

from coterie.discover.candidates import NOISE
from coterie.discover.drawing.gallery import Gallery, Pair
from coterie.discover.drawing.studied import Ruled, Studied
from coterie.discover.drawing.together import Refit
from coterie.discover.drawing.wording import algorithm, called, percent, valued
from coterie.discover.reporting import parts, preparing
from coterie.discover.reporting.comparing import compared
from coterie.language.time import from_micros
from coterie.pictures.crowd import said
from coterie.pictures.page import Page, listed, section

Section = tuple[str, str, list[str]]
"""A name to link to, a heading, and pieces of HTML."""


def report(study: Studied, *, refit: Refit | None = None) -> str:
    """The study as one HTML file that needs no network.

    Parameters
    ----------
    study : Studied
    refit : callable, optional
        Fits the chosen algorithm on other people, for the picture of clusters that come again; by
        default as a search does.

    Notes
    -----
    Of a person there is a point on a map, without a name: no identifier, no pseudonym, and no
    value that fewer than 5 people stand behind.
    """
    return Report(study, refit).html()


class Report:
    """One report being written.

    Parameters
    ----------
    study, refit
        As for :func:`report`.
    """

    def __init__(self, study: Studied, refit: Refit | None = None) -> None:
        self.study, self.chosen = study, study.chosen
        self.gallery = Gallery(study, refit)
        self.page = Page(f"{study.title}: {study.name}")

    def html(self) -> str:
        """The whole file."""
        found = [made for made in self.sections() if made[2]]
        links = [(name, title) for name, title, _ in found]
        body = "\n".join(section(name, title, *pieces) for name, title, pieces in found)
        style = files("coterie.discover.reporting").joinpath("report.css").read_text("utf-8")
        return self.page.html(
            f"<style>{style}</style>{self.head(links)}<main>{body}</main>{self.foot()}"
        )

    def head(self, links: list[tuple[str, str]]) -> str:
        """What was studied, who and when, and the verdict."""
        return (
            f"<header><h1>{escape(self.study.title)}: {escape(self.headline())}</h1>"
            f'<p class="soft">{escape(self.who())}</p>{self.verdict()}{listed(links)}</header>'
        )

    def headline(self) -> str:
        """The answer in few words."""
        if self.chosen is None:
            return "no stable clusters"
        return f"{self.chosen.k} clusters"

    def who(self) -> str:
        """Whose people, for what, and as of when."""
        crowd, prepared = self.study.crowd, self.study.prepared
        told = [self.study.name, f"{len(prepared.rows):,} people", f"{len(crowd.columns)} traits"]
        if crowd.at:
            told.append(f"as of {said(from_micros(crowd.at))} UTC")
        if crowd.purpose:
            told.append(f"for {crowd.purpose}")
        return ", ".join(told)

    def verdict(self) -> str:
        """The answer, its figures, and the reasons for it."""
        return (
            f'<p class="verdict">{escape(self.answer())}</p>{self.figures()}'
            f"{parts.bullets(self.reasons())}"
        )

    def answer(self) -> str:
        """One sentence."""
        chosen, recommended = self.chosen, self.study.recommendation.chosen
        if chosen is None:
            return "There are no stable clusters here: no grouping is worth making segments of."
        if recommended is None:
            return f"{called(chosen)} were picked, although there are no stable clusters here."
        if self.study.candidates[recommended] is not chosen:
            other = called(self.study.candidates[recommended])
            return f"{called(chosen)} were picked; recommended were {other}."
        return f"People fall into {chosen.k} clusters, found by {algorithm(chosen)}."

    def reasons(self) -> list[str]:
        """Of the recommendation, without what is said already."""
        known = {"There are no stable clusters here."}
        return [one for one in self.study.recommendation.reasons if one not in known]

    def figures(self) -> str:
        """The few numbers that say how sound it is."""
        crowd, prepared = self.study.crowd, self.study.prepared
        left = len(crowd) - len(prepared.rows)
        of_data = [
            ("people left out", f"{left:,} ({parts.share(left, len(crowd))})" if left else ""),
            ("values filled in", parts.share(int(prepared.imputed.sum()), prepared.imputed.size)),
        ]
        return parts.keys([*self.measures(), *of_data])

    def measures(self) -> list[tuple[str, str]]:
        """Those of the chosen one, in words."""
        if self.chosen is None:
            return []
        noise = "noise" if (self.chosen.labels == NOISE).any() else ""
        names = {
            "separation (silhouette)": "silhouette",
            "comes again (bootstraps)": "stability",
            "comes again (halves)": "folds",
            "in no cluster": noise,
            "smallest cluster": "smallest",
        }
        found = self.chosen.measures
        return [(title, valued(name, found.get(name))) for title, name in names.items()]

    def foot(self) -> str:
        """How to come to the same."""
        return (
            '<footer class="soft"><p>Written by Coterie from '
            f"{escape(self.study.name)}, seed {self.study.seed}. This page fetches nothing and "
            "holds no identifier; a point on a map is a person without a name.</p></footer>"
        )

    def sections(self) -> Iterator[Section]:
        """Who, where, why, and what it rests on."""
        if self.chosen is not None:
            yield "clusters", "The clusters", self.who_they_are()
            yield "profile", "What makes each itself", self.profile()
        yield "map", "Where they are", self.maps()
        if self.chosen is not None:
            yield "rules", "As rules", self.rules(self.study.distill())
            yield "soundness", "How well it holds", self.soundness()
        yield "comparison", "What was compared", self.comparison()
        yield "preparation", "How people were made ready", self.preparation()

    def figures_of(self, pairs: list[Pair]) -> list[str]:
        """Pictures below one another."""
        return [self.page.figure(*pair) for pair in pairs]

    def who_they_are(self) -> list[str]:
        """Sizes, and a card each."""
        query = (
            "Queries ask <code>people</code>: a row a person of the study, with "
            "<code>cluster</code> and each trait as it was found."
        )
        return [
            *(self.page.figure(*pair, heading=False) for pair in self.gallery.sizes()),
            parts.cards(self.gallery.cards),
            f'<p class="soft">{query}</p>',
        ]

    def profile(self) -> list[str]:
        """The heat map, the same as lines, and which traits decide."""
        found = self.gallery.profile()
        first = [self.page.figure(*pair, heading=False) for pair in found[:1]]
        return [*first, *self.figures_of(found[1:])]

    def maps(self) -> list[str]:
        """By components and by neighbours."""
        return [f'<div class="pair">{"".join(self.figures_of(self.gallery.maps()))}</div>']

    def rules(self, rules: Ruled) -> list[str]:
        """Each cluster as a rule, how true they are, and their source."""
        items = "".join(
            f"<li><b>{escape(name)}</b>: {escape(rule)}</li>" for name, rule in rules.sentences
        )
        figures = parts.keys(
            (title, percent(measure))
            for title, measure in (
                ("same as the clusters", rules.fidelity),
                ("some rule holds", rules.coverage),
            )
        )
        again = valued("stability", rules.stability)
        return [
            "<p>The clusters as definitions that people can read and edit, and that the stream can "
            "run. The first rule that holds decides. Measured on people held out:</p>",
            figures,
            f'<ol class="rules">{items}</ol>',
            f'<p class="soft">Rules learned from other people agree with these by {escape(again)} '
            "(adjusted Rand index).</p>",
            parts.folded("source", parts.code(rules.source)),
        ]

    def soundness(self) -> list[str]:
        """Whether people fit, whether clusters come again, and how they join."""
        return self.figures_of(self.gallery.soundness())

    def comparison(self) -> list[str]:
        """Every candidate, each criterion against k, and who agrees with whom."""
        candidates, recommendation = self.study.candidates, self.study.recommendation
        if not candidates:
            return []
        return [
            compared(candidates, recommendation, self.chosen),
            f'<div class="pair">{"".join(self.figures_of(self.gallery.criteria()))}</div>',
            *self.figures_of(self.gallery.agreement()),
        ]

    def preparation(self) -> list[str]:
        """Each trait, and each step with its reason."""
        crowd, prepared = self.study.crowd, self.study.prepared
        noted = (*crowd.notes, *prepared.notes)
        return [
            preparing.columns(crowd, prepared),
            "<h3>Steps</h3>" if noted else "",
            preparing.notes(noted) if noted else "",
        ]
