"""The way of a study: people, preparation, every clustering, a recommendation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from coterie.discover.choosing.recommending import recommend
from coterie.discover.clustering.searching import search
from coterie.discover.crowd import Crowd
from coterie.discover.keeping.record import Divided, Finished, candidate_of, divided
from coterie.discover.keeping.shelf import Kept, Shelf
from coterie.discover.prepared import Prepared
from coterie.discover.preparing import prepare
from coterie.discover.studying.choices import Choices
from coterie.discover.studying.study import Study
from coterie.errors import CoterieError

Progress = Callable[[str, int, int], None]
MOST_SAID = 8
"""Traits that an error names."""


def silent(what: str, done: int, total: int) -> None:
    """Say nothing of how far it is."""


def made(
    crowd: Crowd,
    choices: Choices,
    *,
    title: str,
    shelf: Shelf | None = None,
    made_at: int = 0,
    progress: Progress = silent,
) -> Study:
    """Study a crowd.

    Parameters
    ----------
    title : str
        What is studied, such as the project's name.
    shelf : Shelf, optional
        Where the study is kept, from its first finished candidate on.
    made_at : int
        Microseconds UTC, for the record of a kept study.

    Raises
    ------
    CoterieError
        There are too few people, or nothing tells them apart; nothing is kept then.
    """
    prepared = _prepared(crowd, choices, progress)
    kept = None if shelf is None else shelf.begin(crowd, choices.as_json(), made_at)
    return _searched(crowd, prepared, choices, title, kept, progress)


def resumed(kept: Kept, *, title: str, progress: Progress = silent) -> Study:
    """A kept study as it is, or finished first where it was stopped.

    Notes
    -----
    It goes on with the people and the values that it began with: finished candidates are taken as
    they are, and the preparation comes to the same. Whoever was erased from a finished study is
    not among its people.
    """
    choices, record = Choices.of_json(kept.begun.asked), kept.finished
    if record is not None:
        return _read(kept, record, choices, title)
    crowd = kept.crowd()
    prepared = _prepared(crowd, choices, progress)
    return _searched(crowd, prepared, choices, title, kept, progress)


def _prepared(crowd: Crowd, choices: Choices, progress: Progress) -> Prepared:
    _some(crowd)
    progress("Preparing", 0, 1)
    prepared = prepare(crowd, choices.recipe, seed=choices.seed)
    progress("Preparing", 1, 1)
    return prepared


def _searched(
    crowd: Crowd,
    prepared: Prepared,
    choices: Choices,
    title: str,
    kept: Kept | None,
    progress: Progress,
) -> Study:
    candidates = search(
        prepared.matrix, prepared.fitted_on, choices.plan, seed=choices.seed, progress=progress,
        checkpoint=None if kept is None else kept.checkpoints,
    )  # fmt: skip
    study = Study(
        name="study" if kept is None else kept.name,
        title=title,
        crowd=crowd,
        prepared=prepared,
        candidates=candidates,
        recommendation=recommend(candidates, floor=choices.floor),
        choices=choices,
        kept=kept,
    )
    if kept is not None:
        _keep(study, kept)
    return study


def _some(crowd: Crowd) -> None:
    """See that anything is left that could tell people apart."""
    if not crowd.columns:
        why = [f"{note.column}: {note.said}" for note in crowd.notes if note.column]
        raise CoterieError(
            "no trait could tell groups apart", got="; ".join(why[:MOST_SAID]) or "no traits",
            hint="name others, or define some that differ between people",
        )  # fmt: skip


def _keep(study: Study, kept: Kept) -> None:
    prepared, chosen = study.prepared, study.chosen
    record = Finished(
        candidates=tuple(map(divided, study.candidates)),
        recommendation=study.recommendation,
        features=prepared.features,
        components=prepared.components,
        centre=prepared.centre,
        notes=prepared.notes,
        rowwise=prepared.rowwise,
    )
    labels = {
        key: candidate.labels
        for key, candidate in zip(_keys(record.candidates), study.candidates, strict=True)
    }
    kept.finish(record, study.crowd, prepared, labels, chosen.name if chosen else "")


def _keys(candidates: Sequence[Divided]) -> list[str]:
    """A name for each candidate; two may be called the same where k could not be reached."""
    names = [candidate.name for candidate in candidates]
    return [
        name if name not in names[:i] else f"{name} ({names[:i].count(name) + 1})"
        for i, name in enumerate(names)
    ]


def _read(kept: Kept, record: Finished, choices: Choices, title: str) -> Study:
    crowd, work = kept.crowd(), kept.work()
    prepared = Prepared(
        matrix=work.matrix,
        standardised=work.standardised,
        features=record.features,
        components=record.components,
        centre=record.centre,
        rows=work.rows,
        fitted_on=work.fitted_on,
        imputed=work.imputed,
        pipeline=None,
        notes=record.notes,
        rowwise=record.rowwise,
        raw=crowd.frame.iloc[work.rows],
    )
    keys = _keys(record.candidates)
    return Study(
        name=kept.name,
        title=title,
        crowd=crowd,
        prepared=prepared,
        candidates=tuple(
            candidate_of(each, work.labels[key])
            for key, each in zip(keys, record.candidates, strict=True)
        ),
        recommendation=record.recommendation,
        choices=choices,
        kept=kept,
    )
