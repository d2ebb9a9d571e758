"""Twelve traits and ten segments of everyone: coterie beside SQL by hand, Polars and pandas.

Also how the time grows with the definitions: 100 segments over the same traits, 100 traits.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import pyarrow as pa
from common import asking, hand
from common.events import lake_of
from common.results import keep
from common.rounds import ratio, summary, take_turns
from common.same import check_same

from coterie.storage.lake import Lake

SLOW = 2_000_000
"""The most events that pandas is asked about: beyond, it needs more memory than a laptop has."""


def main() -> None:
    """Check that all answer the same, then measure."""
    chosen = _arguments()
    lake = lake_of(chosen.events, chosen.order)
    n_people = _check(lake, chosen.events)
    compared = take_turns(_contenders(lake, chosen.events), chosen.rounds)
    growing = {
        "10 segments": asking.everyone(lake, "batch"),
        "100 segments": asking.everyone(lake, "segments"),
        "100 traits": asking.everyone(lake, "traits"),
    }
    grown = take_turns(growing, chosen.rounds)
    ratios = {
        "coterie / one query": ratio(compared, "coterie", "one query"),
        "coterie, people known / one query": ratio(compared, "coterie, people known", "one query"),
        "a query a segment / coterie": ratio(compared, "a query a segment", "coterie"),
        "a query a segment / coterie, segments alone": ratio(
            compared, "a query a segment", "coterie, segments alone"
        ),
        "a query a definition / coterie": ratio(compared, "a query a definition", "coterie"),
        "counting who is there / coterie": ratio(compared, "counting who is there", "coterie"),
        "Polars / coterie": ratio(compared, "Polars", "coterie"),
        "100 segments / 10": ratio(grown, "100 segments", "10 segments"),
        "100 traits / 12": ratio(grown, "100 traits", "10 segments"),
    }
    if "pandas" in compared:
        ratios["pandas / coterie"] = ratio(compared, "pandas", "coterie")
    keep(
        f"batch-{chosen.events}-{chosen.order}",
        {
            "events": chosen.events,
            "people": n_people,
            "rows": chosen.order,
            "rounds": chosen.rounds,
        },
        {"seconds": summary(compared) | summary(grown), "ratio": ratios},
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    order = "how rows lie: by person, as in a compacted lake, or as they arrived"
    parser.add_argument("--order", choices=["person", "arrival"], default="person", help=order)
    return parser.parse_args()


def _contenders(lake: Lake, n_events: int) -> dict[str, Callable[[], object]]:
    contenders: dict[str, Callable[[], object]] = {
        "coterie": asking.everyone(lake, "batch"),
        "coterie, people known": asking.given(lake, "batch"),
        "coterie, segments alone": asking.everyone(lake, "batch", segments=True),
        "counting who is there": asking.counting(lake),
        "one query": lambda: hand.single(lake),
        "a query a segment": lambda: hand.one_each(lake, "segments"),
        "a query a definition": lambda: hand.one_each(lake, "segments", "traits"),
        "Polars": lambda: hand.in_polars(lake),
    }
    if n_events <= SLOW:
        contenders["pandas"] = lambda: hand.in_pandas(lake)
    return contenders


def _check(lake: Lake, n_events: int) -> int:
    """The number of people, once every contender gave the same rows."""
    ours = asking.everyone(lake, "batch")()
    answers = {"coterie": ours, "one query": hand.single(lake), "Polars": hand.in_polars(lake)}
    if n_events <= SLOW:
        answers["pandas"] = hand.in_pandas(lake)
    segments = hand.one_each(lake, "segments")
    answers["a query a segment"] = hand.members(segments, ours)
    for name, known in hand.one_each(lake, "traits").items():
        answers[f"a query a definition ({name})"] = _everybody(known, ours, name)
    return check_same({name: hand.in_units(table) for name, table in answers.items()})


def _everybody(known: pa.Table, people: pa.Table, name: str) -> pa.Table:
    """A trait of those who have events, with a row for everybody else: 0 for a count."""
    every = people.select(["profile"]).join(known, "profile")
    if not people[name].null_count:
        every = every.set_column(1, name, every[name].combine_chunks().fill_null(0))
    return every


if __name__ == "__main__":
    main()
