"""The way of a study: people, preparation, every clustering, a recommendation."""

from __future__ import annotations

import time
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

Progress = Callable[[str, int, int], None]


def silent(what: str, done: int, total: int) -> None:
    """Say nothing of how far it is."""


def begun(crowd: Crowd, choices: Choices, shelf: Shelf, made_at: int) -> Kept:
    """A study that is kept from its first step on."""
    return shelf.begin(crowd, choices.as_json(), made_at)


def made(
    crowd: Crowd,
    choices: Choices,
    *,
    title: str,
    kept: Kept | None = None,
    progress: Progress = silent,
    clock: Callable[[], float] = time.monotonic,
) -> Study:
    """Study a crowd; every finished candidate of a kept study is taken as it is.

    Parameters
    ----------
    title : str
        What is studied, such as the project's name.
    kept : Kept, optional
        Where finished candidates and the outcome are kept.
    clock : callable
        Seconds, for how long it took.
    """
    start = clock()
    progress("Preparing", 0, 1)
    prepared = prepare(crowd, choices.recipe, seed=choices.seed)
    progress("Preparing", 1, 1)
    candidates = search(
        prepared.matrix, prepared.fitted_on, choices.plan, seed=choices.seed, progress=progress,
        checkpoint=None if kept is None else kept.checkpoints,
    )  # fmt: skip
    study = Study(
        name="study" if kept is None else kept.name,
        title=title,
        crowd=crowd,
        prepared=prepared,
        candidates=tuple(candidates),
        recommendation=recommend(candidates, floor=choices.floor),
        choices=choices,
        seconds=clock() - start,
        kept=kept,
    )
    if kept is not None:
        _keep(study, kept)
    return study


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
        seconds=study.seconds,
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


def resumed(kept: Kept, *, title: str, progress: Progress = silent) -> Study:
    """A kept study as it is, or finished first where it was stopped.

    Notes
    -----
    It goes on with the people and the values that it began with. Whoever was erased since is not
    among them.
    """
    record = kept.finished
    choices = Choices.of_json(kept.begun.asked)
    if record is None:
        return made(kept.crowd(), choices, title=title, kept=kept, progress=progress)
    return _read(kept, record, choices, title)


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
        seconds=record.seconds,
        kept=kept,
    )
