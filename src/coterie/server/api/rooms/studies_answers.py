"""Studies as their readers are told of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.discover.keeping.erasing import STUDY
from coterie.errors import StoreError
from coterie.language.time import from_micros
from coterie.project import Project
from coterie.project.discovering import shelf
from coterie.server.api.rooms import studies_views as views

if TYPE_CHECKING:
    from coterie.discover.candidates import Candidate, Measure
    from coterie.discover.drawing.gallery import Gallery, Pair
    from coterie.discover.keeping.decisions import Decision
    from coterie.discover.keeping.shelf import Kept
    from coterie.discover.studying.study import Study

Stamp = tuple[tuple[str, int], ...]
"""When each file of a study was written: people were erased, or words were edited, if another."""
_DECISIONS = "decisions.json"

PARTS: Mapping[str, Callable[[Gallery], list[Pair]]] = {
    "clusters": lambda gallery: gallery.sizes(),
    "criteria": lambda gallery: gallery.criteria(),
    "profile": lambda gallery: gallery.profile(),
    "maps": lambda gallery: gallery.maps(),
    "soundness": lambda gallery: gallery.soundness(),
    "agreement": lambda gallery: gallery.agreement(),
}
"""The pictures of a study by what they are about."""


def every(project: Project) -> views.Studies:
    """Every study that is kept, the newest first; one that is damaged hides no other."""
    kept, found = shelf(project), views.Studies([], [])
    for name in reversed(kept.names):
        try:
            found.studies.append(_line(kept.open(name)))
        except StoreError as error:
            found.damaged.append(views.Damaged(name, error.where, error.hint))
    return found


def stopped(name: str, project: Project) -> views.Line | None:
    """A study that is not finished, as the list has it; None for any other."""
    return None if is_finished(name, project) is not False else _line(shelf(project).open(name))


def is_finished(name: str, project: Project) -> bool | None:
    """Whether a study came to its end; None where there is no such study."""
    found = stamp(name, project)
    return None if found is None else any(file == STUDY for file, _ in found)


def stamp(name: str, project: Project) -> Stamp | None:
    """When the files of a finished study were written; None where there is no such study."""
    found = project.discover
    if name not in found.studies:
        return None
    files = found.kept(name).folder.glob("*.*")
    return tuple(sorted((file.name, _written(file)) for file in files if file.name != _DECISIONS))


def _written(file: Path) -> int:
    return file.stat().st_mtime_ns


def n_decisions(name: str, project: Project) -> int:
    """How often a study was decided about."""
    return len(project.discover.kept(name).decisions)


def read(name: str, candidate: str, project: Project) -> Study:
    """A finished study, with another candidate looked at where one is named.

    Raises
    ------
    CoterieError
        It is not finished, or has no such candidate.
    """
    found = project.discover.study(name)
    return found.pick(candidate) if candidate else found


def summary(study: Study, project: Project) -> views.Study:
    """What was studied, and what came of it."""
    from coterie.discover.reporting.report import Report

    told, kept = Report(study), project.discover.kept(study.name)
    crowd, prepared, weighed = study.crowd, study.prepared, study.recommendation
    recommended = None if weighed.chosen is None else study.candidates[weighed.chosen].name
    scores = weighed.scores or (0.0,) * len(study.candidates)
    each = [_candidate(one, score) for one, score in zip(study.candidates, scores, strict=True)]
    return views.Study(
        name=study.name,
        made_at=from_micros(kept.begun.made_at),
        as_of=from_micros(crowd.at),
        purpose=crowd.purpose,
        people=len(prepared.rows),
        left_out=len(crowd) - len(prepared.rows),
        traits=[column.name for column in crowd.columns],
        answer=told.answer(),
        reasons=told.reasons(),
        recommended=recommended,
        chosen=None if study.chosen is None else study.chosen.name,
        candidates=sorted(each, key=lambda one: -(one.score or 0.0)),
        notes=[f"{note.column}: {note.said}" if note.column else note.said for note in study.notes],
        decisions=[_decision(one) for one in kept.decisions],
    )


def clusters(study: Study) -> views.Clusters:
    """A card for each cluster; none where nothing is chosen."""
    if study.chosen is None:
        return views.Clusters([])
    labels = study.chosen.labels
    return views.Clusters(
        [
            views.Card(
                card.cluster, card.name, int((labels == card.cluster).sum()),
                [views.Fact(fact.said, fact.query) for fact in card.facts], card.say,
            )
            for card in study.personas()
        ]
    )  # fmt: skip


def rules(study: Study) -> views.Rules | None:
    """The clusters as rules; None where nothing is chosen."""
    if study.chosen is None:
        return None
    found = study.distill()
    return views.Rules(
        [views.Rule(name, rule) for name, rule in found.sentences], _value(found.fidelity),
        _value(found.coverage), _value(found.stability), found.source,
    )  # fmt: skip


def pictures(part: str, study: Study) -> list[Pair]:
    """The pictures of one part."""
    from coterie.discover.drawing.gallery import Gallery

    return PARTS[part](Gallery(study))


def adopted(name: str, asked: views.Adopt, project: Project) -> views.Decision:
    """Make a study definitions, and say what was decided.

    Raises
    ------
    CoterieError
        It cannot be adopted so; nothing is written then.
    """
    study = read(name, asked.candidate, project)
    names = [each.strip() for each in asked.names]
    project.discover.adopt(study, asked.how, names=names, author=asked.author, note=asked.note)
    return _decision(project.discover.kept(name).decisions[-1])


def rejected(name: str, asked: views.Reject, project: Project) -> views.Decision:
    """Note that nothing is to be made of a study."""
    return _decision(project.discover.reject(name, author=asked.author, note=asked.note))


def _line(kept: Kept) -> views.Line:
    begun, record, decided = kept.begun, kept.finished, kept.decisions
    return views.Line(
        name=kept.name, made_at=from_micros(begun.made_at), as_of=from_micros(begun.at),
        purpose=begun.purpose, people=kept.n_people, traits=[one.name for one in begun.columns],
        finished=record is not None, found="" if record is None else record.said,
        decision=_decision(decided[-1]) if decided else None,
    )  # fmt: skip


def _candidate(one: Candidate, score: float) -> views.Candidate:
    from coterie.discover.drawing.wording import called

    measures = {name: _value(measure) for name, measure in one.measures.items()}
    return views.Candidate(one.name, called(one), one.k, score if score > 0 else None, measures)


def _value(measure: Measure) -> views.Value:
    return views.Value(float(measure.value), float(measure.low), float(measure.high))


def _decision(found: Decision) -> views.Decision:
    return views.Decision(
        found.decided, from_micros(found.at), found.author, found.note, found.how,
        found.candidate, found.file, [*found.definitions], found.fidelity,
    )  # fmt: skip
