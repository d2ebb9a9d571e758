"""How many people are in each segment and stage, and how many of them may be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from coterie.language.definitions import Stages
from coterie.profiles.questions import Questions


class Size(msgspec.Struct, frozen=True, omit_defaults=True):
    """One segment or stage: who is in it, who of them may be used, and who came and went.

    `entered` and `exited` are those of the last run, null where the past is asked about.
    """

    name: str
    holds: int
    audience: int
    entered: int | None = None
    exited: int | None = None


class Group(msgspec.Struct, frozen=True, omit_defaults=True):
    """One segment, or a set of stages with all of them."""

    name: str
    kind: str
    purpose: str
    basis: str
    english: str
    sizes: tuple[Size, ...]


Moved = Mapping[tuple[str, str], tuple[int, int]]


def groups(
    questions: Questions,
    names: Iterable[str],
    answer: pa.Table,
    english: Mapping[str, str],
    moved: Moved | None = None,
) -> list[Group]:
    """The sizes of these segments and stages.

    Parameters
    ----------
    names : iterable of str
    answer : pyarrow.Table
        One row a person, with the columns of a state.
    english : mapping
        Name -> sentence.
    moved : mapping or None
        (name, stage) -> how many entered and exited; stage is empty for a segment.
    """
    return [_group(questions, name, answer, english, moved) for name in names]


def _group(
    questions: Questions,
    name: str,
    answer: pa.Table,
    english: Mapping[str, str],
    moved: Moved | None,
) -> Group:
    library = questions.library
    definition, purpose = library.definition(name), library.purpose(name)
    may = answer[questions.permission(name)]
    kind, members = "segment", {"": answer[name]}
    if isinstance(definition, Stages):
        kind = "tiers" if definition.ordered else "stages"
        members = {stage: pc.equal(answer[name], stage) for stage in _options(definition)}
    sizes = tuple(
        Size(
            stage or name, _count(inside), _count(pc.and_(inside, may)), *_moved(moved, name, stage)
        )
        for stage, inside in members.items()
    )
    return Group(name, kind, purpose, library.purposes[purpose], english[name], sizes)


def _options(definition: Stages) -> tuple[str, ...]:
    """Stages as they precede one another, tiers from the highest."""
    return (*(stage.name for stage in definition.stages), definition.otherwise)


def _moved(moved: Moved | None, name: str, stage: str) -> tuple[int | None, int | None]:
    return (None, None) if moved is None else moved.get((name, stage), (0, 0))


def _count(truths: pa.ChunkedArray) -> int:
    return pc.sum(truths).as_py() or 0


def inside(
    questions: Questions, answer: pa.Table, group: str, stage: str = ""
) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Two truths a row: whether the person is in it, and whether they may be used as well."""
    holds = pc.equal(answer[group], stage) if stage else answer[group]
    return holds, pc.and_(holds, answer[questions.permission(group)])
