"""What an edit of the definitions changes by itself: the former position, asked once more.

A run whose definitions are others than its predecessor's takes two steps. First the former
position is answered by today's definitions: whoever is in by one and not by the other was moved
by the edit. Then the clock moves under today's definitions: that is the run's own doing. A
preview is the first step, written nowhere.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from coterie.profiles import fitting, members
from coterie.profiles.asking import Asking
from coterie.profiles.questions import Questions
from coterie.profiles.stores import Stores, answered
from coterie.storage.ledger import Run


def edited(questions: Questions, former: Run) -> tuple[str, ...]:
    """The segments and stages that mean something else than at a run, or were not there, by name.

    Notes
    -----
    What a segment means holds all that it refers to: an edit of a trait edits every segment that
    rests on it. Another purpose or description is no other meaning.
    """
    now, then = questions.meanings(), former.counts["meanings"]
    return tuple(sorted(n for n in now.keys() | then.keys() if now.get(n) != then.get(n)))


def as_edited(
    stores: Stores, questions: Questions, asking: Asking, former: Run, before: pa.Table
) -> pa.Table:
    """The memberships at a run's position by today's definitions.

    Parameters
    ----------
    before : pyarrow.Table
        Those that the run answered, of the schema :data:`coterie.profiles.members.MEMBERS`.

    Notes
    -----
    Only what was edited is asked anew. Where it needs a fit that was not active there, it gets
    one as of then, for this answer only; where it needs a model that was adopted since, that one.
    """
    names = edited(questions, former)
    if not names:
        return before
    others = before.filter(pc.invert(pc.is_in(before["segment"], pa.array(names, pa.string()))))
    again = _answered(stores, questions, asking, former, names)
    every = pa.concat_tables([others, again])
    return every.sort_by([(key, "ascending") for key in members.KEYS])


def _answered(
    stores: Stores, questions: Questions, asking: Asking, former: Run, names: tuple[str, ...]
) -> pa.Table:
    library, position = questions.library, answered(former)
    segments = [name for name in library.segments if name in names]
    stages = [name for name in library.stages if name in names]
    asked = (*segments, *stages)
    if not asked:
        return members.MEMBERS.empty_table()
    known = fitting.stored(stores.ledger, position.offset)
    known = fitting.adopted(stores.ledger, questions.asked, asked, known, position)
    fits = fitting.fitted(
        questions, asking, asked, [position.t], lambda: position.offset, known
    )  # fmt: skip
    spine = asking.everyone(position.offset, [position.t])
    return members.memberships(asking.values(asked, spine, fits), segments, stages)
