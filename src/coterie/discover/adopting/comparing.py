"""Rules and model held against each other over time, and against themselves before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from coterie.discover.adopting.adopting import Studied
from coterie.discover.adopting.modelling import assign
from coterie.discover.candidates import NOISE
from coterie.discover.crowd import Crowd
from coterie.discover.distilling import NOBODY
from coterie.discover.distilling.learning import share
from coterie.discover.gathering import gather
from coterie.discover.prepared import Reals
from coterie.errors import CoterieError
from coterie.language.time import from_micros
from coterie.pictures.crowd import Asked, At

LEAST = 1e-4
"""The share that an empty cluster counts as, so that a shift into it has a size."""


@dataclass(frozen=True)
class Comparison:
    """How rules and model of one study fare at several instants.

    Parameters
    ----------
    shares : pandas.DataFrame
        One row for each instant and cluster, and for ``none``: ``at``, ``cluster`` (its name),
        ``rules`` and ``model``, each the share of the people.
    agreement : pandas.DataFrame
        One row for each instant: ``at``, ``people``; ``agreement``, the share of people whom both
        put into the same cluster, with ``low`` and ``high`` (Wilson's 95 % interval); ``rand``, the
        adjusted Rand index; ``rules_shift`` and ``model_shift``, the population stability index
        against the first instant; ``rules_moved`` and ``model_moved``, the share of people known
        at the instant before who are in another cluster since (NaN at the first).
    """

    shares: pd.DataFrame
    agreement: pd.DataFrame


@dataclass(frozen=True)
class _Told:
    at: int
    both: pd.DataFrame
    """By pseudonym, the cluster by ``rules`` and by ``model``."""


def compare(
    cdp: Asked, study: Studied, at: Sequence[At], names: Sequence[str] = ()
) -> Comparison:  # fmt: skip
    """Where rules and model of a study put people at several instants, by what is known now.

    Parameters
    ----------
    cdp : Asked
        A project, or whatever answers as one does.
    study : Studied
        Neither need be adopted: the traits are asked as of each instant.
    at : sequence of instant
        In order.
    names : sequence of str
        Of the clusters; by default those of the persona cards.

    Raises
    ------
    CoterieError
        No instant is given, nobody was there at one of them, or the model cannot be applied to
        one person at a time.

    Notes
    -----
    Everybody who may be used for the study's purpose counts at the instants at which they were
    known; whom neither can place is in ``none``. The population stability index is
    ``sum((p - q) * ln(p / q))`` over the clusters; by custom less than 0.1 is no shift, and more
    than 0.25 a large one (Siddiqi, Credit Risk Scorecards, 2006).
    """
    if not at:
        raise CoterieError("nothing is compared without an instant", where="at")
    cards = study.personas()
    called = [*(names or [card.name for card in cards]), NOBODY]
    told = [_told(cdp, study, each) for each in at]
    shares = [_shares(each, len(cards)) for each in told]
    rows = zip(told, shares, _moved(told), strict=True)
    return Comparison(
        pd.concat([_named(each, s, called) for each, s in zip(told, shares, strict=True)],
                  ignore_index=True),
        pd.DataFrame([_agreement(each, s, shares[0], moved) for each, s, moved in rows]),
    )  # fmt: skip


def _told(cdp: Asked, study: Studied, at: At) -> _Told:
    columns = study.crowd.columns
    crowd = gather(
        cdp, [column.name for column in columns], segment=study.choices.segment,
        purpose=study.crowd.purpose, at=at,
    )  # fmt: skip
    if not len(crowd):
        raise CoterieError(
            "there was nobody yet", where="at", got=from_micros(crowd.at).isoformat()
        )
    return _Told(crowd.at, _both(study, crowd))


def _both(study: Studied, crowd: Crowd) -> pd.DataFrame:
    by_rules = study.distill().assign(crowd.frame, crowd.at)
    by_model = assign(study.prepared, study.needed(), crowd.frame, study.crowd.columns, crowd.at)
    return pd.DataFrame({"rules": by_rules, "model": by_model}, index=crowd.frame.index)


def _shares(told: _Told, k: int) -> pd.DataFrame:
    """The share of each cluster, that of nobody's last."""
    places = [*range(k), NOISE]
    counts = {
        each: told.both[each].value_counts(normalize=True).reindex(places, fill_value=0.0)
        for each in told.both
    }
    return pd.DataFrame(counts)


def _named(told: _Told, shares: pd.DataFrame, called: Sequence[str]) -> pd.DataFrame:
    found = shares.reset_index(drop=True)
    found.insert(0, "at", from_micros(told.at))
    found.insert(1, "cluster", called)
    return found


def _moved(told: Sequence[_Told]) -> Iterator[dict[str, float]]:
    yield {"rules_moved": float("nan"), "model_moved": float("nan")}
    for before, after in pairwise(told):
        both = before.both.add_suffix("_before").join(after.both, how="inner")
        yield {
            f"{each}_moved": float((both[f"{each}_before"] != both[each]).mean())
            for each in ("rules", "model")
        }


def _agreement(
    told: _Told, shares: pd.DataFrame, first: pd.DataFrame, moved: dict[str, float]
) -> dict[str, object]:
    rules, model = told.both["rules"].to_numpy(), told.both["model"].to_numpy()
    same = share(rules == model)
    return {
        "at": from_micros(told.at),
        "people": len(told.both),
        "agreement": same.value,
        "low": same.low,
        "high": same.high,
        "rand": float(adjusted_rand_score(rules, model)),
        "rules_shift": shift(first["rules"].to_numpy(), shares["rules"].to_numpy()),
        "model_shift": shift(first["model"].to_numpy(), shares["model"].to_numpy()),
        **moved,
    }


def shift(before: Reals, after: Reals) -> float:
    """The population stability index of two lists of shares.

    Examples
    --------
    >>> round(shift(np.array([0.5, 0.5]), np.array([0.6, 0.4])), 4)
    0.0405
    """
    p, q = np.maximum(before, LEAST), np.maximum(after, LEAST)
    return float(np.sum((q - p) * np.log(q / p)))
