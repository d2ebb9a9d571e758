"""A small study made by hand: people of three kinds, three ways to divide them, cards and rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from sklearn.cluster import DBSCAN, KMeans
from sklearn.metrics import davies_bouldin_score, silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

from coterie.discover.candidates import Candidate, Measure, Recommendation
from coterie.discover.crowd import Column, Crowd, Kind
from coterie.discover.prepared import Feature, Note, Prepared

AT = 1_700_000_000_000_000
COLUMNS = (
    Column("orders_30d", Kind.NUMBER),
    Column("spend", Kind.NUMBER, unit="GBP"),
    Column("subscribed", Kind.BOOLEAN),
    Column("favourite", Kind.CATEGORY),
    Column("tier", Kind.ORDINAL, ("bronze", "silver", "gold")),
    Column("last_order_at", Kind.INSTANT),
)
NAMES = ("quiet savers", "gift buyers", "regulars")


@dataclass(frozen=True)
class Said:
    """A fact of a card."""

    said: str
    query: str = ""


@dataclass(frozen=True)
class Persona:
    """A card."""

    cluster: int
    name: str
    facts: tuple[Said, ...]
    say: str = ""


@dataclass(frozen=True)
class Weight:
    """What a trait does for a cluster."""

    column: str
    value: float


@dataclass(frozen=True)
class Explanation:
    """A cluster taken apart."""

    cluster: int
    weights: tuple[Weight, ...]
    agreement: Measure = field(default=Measure(0.97, 0.95, 0.98))


@dataclass(frozen=True)
class Rule:
    """Rules of all clusters."""

    sentences: tuple[tuple[str, str], ...]
    source: str = "regulars = segment(orders_30d >= 8)"
    fidelity: Measure = field(default=Measure(0.96, 0.94, 0.98))
    coverage: Measure = field(default=Measure(0.99, 0.98, 1.0))
    stability: Measure = field(default=Measure(0.91, 0.85, 0.95))


@dataclass(frozen=True)
class Study:
    """What a report reads."""

    crowd: Crowd
    prepared: Prepared
    candidates: Sequence[Candidate]
    recommendation: Recommendation
    chosen: Candidate | None
    name: str = "study-7"
    title: str = "shop"
    seed: int = 3
    names: tuple[str, ...] = NAMES
    sentences: tuple[tuple[str, str], ...] = field(default=(("regulars", "people who order"),))

    def personas(self) -> tuple[Persona, ...]:
        """A card for each cluster."""
        assert self.chosen
        sizes = np.bincount(self.chosen.labels[self.chosen.labels >= 0])
        query = "SELECT count(*) FILTER (WHERE cluster = {}) FROM people"
        return tuple(
            Persona(one, name, (Said(f"{sizes[one]:,} people", query.format(one)),), "Thank them.")
            for one, name in enumerate(self.names)
        )

    def explain(self) -> tuple[Explanation, ...]:
        """Two traits decide."""
        return tuple(
            Explanation(one, (Weight("spend", 0.4), Weight("tier", 0.1 * one - 0.05)))
            for one in range(len(self.names))
        )

    def distill(self) -> Rule:
        """The rules."""
        return Rule(self.sentences)


def crowd(people: int = 240, seed: int = 5) -> Crowd:
    """People of three kinds, with unknown values."""
    random = np.random.default_rng(seed)
    kind = np.repeat([0, 1, 2], [people // 2, people // 3, people - people // 2 - people // 3])
    spend = random.lognormal(np.array([2.0, 4.0, 5.5])[kind], 0.4)
    spend[random.random(people) < 0.1] = np.nan
    days = random.integers(0, 30, people) + np.array([200, 60, 0])[kind]
    likely = np.array([0.2, 0.5, 0.9])[kind]
    tiers = np.array(["bronze", "silver", "gold"])
    frame = pd.DataFrame(
        {
            "orders_30d": random.poisson(np.array([1, 3, 10])[kind]).astype(float),
            "spend": spend,
            "subscribed": pd.array(random.random(people) < likely, "boolean"),
            "favourite": pd.array(np.where(kind == 1, "Gifts", "Home"), "string"),
            "tier": pd.array(tiers[kind], "string"),
            "last_order_at": pd.to_datetime(AT - days * 86_400_000_000, unit="us", utc=True),
        },
        index=pd.Index([f"pseudonym-{row}" for row in range(people)]),
    )  # fmt: skip
    return Crowd(frame, COLUMNS, AT, 900, "analytics")


def prepared(found: Crowd) -> Prepared:
    """Every column as one or two standardised features."""
    frame = found.frame
    spend = frame["spend"].fillna(frame["spend"].median())
    raw = np.column_stack([
        frame["orders_30d"], np.log1p(spend), frame["subscribed"].astype(float),
        (frame["favourite"] == "Gifts").astype(float),
        frame["tier"].map({"bronze": 0, "silver": 1, "gold": 2}).astype(float),
        (AT - frame["last_order_at"].astype("int64").to_numpy()) / 86_400_000_000,
        frame["spend"].isna().astype(float),
    ])  # fmt: skip
    scaler = StandardScaler().fit(raw)
    features = (
        Feature("orders_30d", "orders_30d"), Feature("spend", "spend", fill=1.0, curve="log1p"),
        Feature("subscribed", "subscribed"),
        Feature("favourite is Gifts", "favourite", category="Gifts"),
        Feature("tier", "tier", levels=COLUMNS[4].levels),
        Feature("last_order_at", "last_order_at"),
        Feature("spend is unknown", "spend", of="unknown"),
    )  # fmt: skip
    imputed = np.zeros((len(frame), len(COLUMNS)), bool)
    imputed[:, 1] = frame["spend"].isna()
    matrix = scaler.transform(raw)
    notes = (
        Note("missing", "spend: unknown values became the median", "spend", int(imputed.sum())),
        Note("skew", "spend: log(1 + x), for a few spend much more than most", "spend"),
        Note("people", "2 people without orders_30d were left out", "orders_30d", 2),
    )
    return Prepared(
        matrix, matrix, features, None, None, np.arange(len(frame)), np.ones(len(frame), bool),
        imputed, scaler, notes, True, frame,
    )  # fmt: skip


def candidates(ready: Prepared) -> list[Candidate]:
    """K-means and mixtures with 2 to 5 clusters, and DBSCAN with noise."""
    matrix, found = ready.matrix, []
    for k in range(2, 6):
        kmeans = KMeans(k, n_init=2, random_state=0).fit(matrix)
        found.append(_measured("kmeans", k, kmeans.labels_, matrix, inertia=kmeans.inertia_))
        mixture = GaussianMixture(k, covariance_type="diag", random_state=0, reg_covar=0.05)
        labels = mixture.fit_predict(matrix)
        found.append(_measured("gmm-diag", k, labels, matrix, bic=mixture.bic(matrix)))
    dense = DBSCAN(eps=1.1, min_samples=5).fit_predict(matrix)
    found.append(_measured("dbscan", int(dense.max()) + 1, dense, matrix))
    return found


def _measured(
    name: str, k: int, labels: np.ndarray, matrix: np.ndarray, **more: float
) -> Candidate:
    order = np.argsort(-np.bincount(labels[labels >= 0]))
    place = np.append(np.argsort(order), -1)
    value = float(silhouette_score(matrix, labels))
    measures = {
        "silhouette": Measure(value, value - 0.02, value + 0.02),
        "stability": Measure(0.9 - 0.05 * k, 0.85 - 0.06 * k, 0.93 - 0.05 * k),
        "davies_bouldin": Measure.exact(float(davies_bouldin_score(matrix, labels))),
        "noise": Measure.exact(float((labels < 0).mean())),
        "smallest": Measure.exact(float(np.bincount(labels[labels >= 0]).min())),
        **{key: Measure.exact(value) for key, value in more.items()},
    }
    return Candidate(name, k, {"seed": 0}, place[labels].astype(np.int32), None, measures, 0.1)


def study(people: int = 240) -> Study:
    """The whole: k-means with three clusters is recommended."""
    found = crowd(people)
    ready = prepared(found)
    tried = candidates(ready)
    reasons = ("Three clusters come again in 0.90 of resamples.", "The smallest has 40 people.")
    scores = tuple(one.measures["silhouette"].value for one in tried)
    return Study(found, ready, tried, Recommendation(2, reasons, scores), tried[2])


def without_clusters(people: int = 240) -> Study:
    """The same people, where nothing is recommended."""
    made = study(people)
    none = Recommendation(None, ("No clustering is stable.",), made.recommendation.scores)
    return replace(made, recommendation=none, chosen=None)
