"""A shop with three kinds of people, and a study of them made without a search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from coterie.discover.candidates import Candidate, Shape
from coterie.discover.clustering.fitting import assign, by_size
from coterie.discover.clustering.mixtures import shape_of
from coterie.discover.crowd import Crowd
from coterie.discover.distilling import Rules, distill
from coterie.discover.explaining import Persona, personas
from coterie.discover.gathering import gather
from coterie.discover.prepared import Prepared
from coterie.discover.preparing import Recipe, prepare
from coterie.discover.studying.choices import Choices
from coterie.language.events import Event
from coterie.project import Project
from tests.live.shop import bought, looked

DEFINITIONS = """\
from coterie import days, event, segment, tiers, trait

order, viewed = event("Order Completed"), event("Page Viewed")
orders = trait(order.count(within=days(60)))
spend = trait(order.sum("amount"))
visits = trait(viewed.decayed(half_life=days(20)))
favourite = trait(viewed.top("page"))
last_order_at = trait(order.last_at())
bought_ever = trait(order.any())
tier = tiers({"gold": spend > 500, "silver": spend > 50}, otherwise="bronze")
customers = segment(order.any())
"""
TRAITS = ("orders", "spend", "visits", "favourite", "last_order_at", "bought_ever", "tier")
PEOPLE = 90


def events(until: float = 60) -> Iterator[Event]:
    """Lookers, who buy nothing; buyers of hats now and then; and lovers of shoes, who buy a lot."""
    random = Random(5)
    for i in range(PEOPLE):
        kind, who = i % 3, f"person {i}"
        times = sorted(random.uniform(0, until) for _ in range((4, 3, 8)[kind]))
        page = ("home", "hats", "shoes")[kind]
        for j, when in enumerate(times):
            seen = page if random.random() < 0.9 else "home"
            yield looked(f"v{i}-{j}", who, when, seen)
            if kind and j % 2 == 0:
                amount = (30, 200)[kind - 1] + random.randint(0, 20)
                yield bought(f"o{i}-{j}", who, when + 0.01, f"{amount}.00")


def becomes_a_lover(who: str, start: float, n: int = 16) -> list[Event]:
    """Orders of somebody as of a lover of shoes, one a day."""
    return [
        event
        for j in range(n)
        for event in (
            looked(f"late v{j} of {who}", who, start + j, "shoes"),
            bought(f"late o{j} of {who}", who, start + j + 0.01, "220.00"),
        )
    ]


@dataclass
class Study:
    """As much of a study as is adopted."""

    crowd: Crowd
    prepared: Prepared
    candidate: Candidate
    name: str = "study-7"
    choices: Choices = field(default_factory=Choices)

    def needed(self) -> Candidate:
        """The clustering."""
        return self.candidate

    def personas(self) -> Sequence[Persona]:
        """Cards."""
        return personas(self.crowd, self.prepared, self.candidate)

    def distill(self) -> Rules:
        """Rules."""
        names = [card.name for card in self.personas()]
        return distill(
            self.crowd, self.prepared, self.candidate, name="study_7", names=names, seed=0
        )


def studied(cdp: Project, recipe: Recipe | None = None, *, mixture: bool = False) -> Study:
    """Three clusters of the shop's people, by K-means or as a mixture of normal distributions."""
    crowd = gather(cdp, TRAITS)
    prepared = prepare(crowd, recipe or Recipe())
    return Study(crowd, prepared, divided(prepared, mixture=mixture))


def divided(prepared: Prepared, *, mixture: bool = False) -> Candidate:
    """Three clusters of a matrix."""
    rows = prepared.matrix
    if mixture:
        made = GaussianMixture(3, covariance_type="full", random_state=0, reg_covar=1e-3)
        shape = shape_of(made.fit(rows))
    else:
        shape = Shape(KMeans(3, n_init=3, random_state=0).fit(rows).cluster_centers_)
    labels, ordered = by_size(assign(shape, rows), shape)
    return Candidate("gmm-full" if mixture else "kmeans", 3, {}, labels, ordered)
