"""A model's clusters as definitions: their number, their names as stages, and a segment each."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from coterie.discover.distilling import NOBODY
from coterie.discover.distilling.rules import slug
from coterie.errors import DefinitionError
from coterie.language import nodes as n
from coterie.language.definitions import Definitions, Segment, Stage, Stages, Trait
from coterie.language.library import Library


def definitions(
    name: str,
    model: str,
    inputs: Sequence[n.Expr],
    names: Sequence[str],
    *,
    purpose: str = "",
    description: str = "",
) -> Definitions:
    """What a project reads to keep everybody's cluster current.

    Parameters
    ----------
    name : str
        Such as ``study_7``. The cluster's number is ``study_7_cluster``, its name a stage of
        ``study_7_model``, and each has a segment such as ``study_7_model_gift_buyers``.
    model : str
        Under which the parameters are kept, such as ``study-7``.
    inputs : sequence of Expr
        One for each feature.
    names : sequence of str
        One for each cluster, in order.
    purpose : str
        What they are for; by default the project's default purpose.

    Raises
    ------
    DefinitionError
        Two clusters are called the same, or one as nobody is.

    Notes
    -----
    Somebody whose cluster is unknown is in the stage ``none``.
    """
    if len({*names, NOBODY}) != len(names) + 1:
        raise DefinitionError(
            "clusters need different names", where=name, got=", ".join(names),
            expected=f"a name each, none of them {NOBODY!r}",
        )  # fmt: skip
    number, stages = f"{name}_cluster", f"{name}_model"
    found = Definitions({number: Trait(n.Cluster(model, tuple(inputs)), description)})
    found.add(stages, Stages(_stages(number, names), NOBODY, False, purpose, description))
    for j, each in enumerate(names):
        that = n.Compare("==", n.Ref(stages), n.Words(each))
        found.add(f"{stages}_{slug(each) or j}", Segment(that, purpose))
    return found


def within(found: Definitions, segment: str, library: Library) -> Definitions:
    """The same, where stages hold of the people of a segment alone; empty is everybody.

    Parameters
    ----------
    segment : str
        A segment, or a stage such as ``lifecycle.loyal``.
    library : Library
        Where it is defined.
    """
    if not segment:
        return found
    name, _, stage = segment.partition(".")
    library.definition(name)
    there: n.Expr = n.Ref(name)
    if stage:
        there = n.Compare("==", there, n.Words(stage))
    for each, definition in found.by_name.items():
        if isinstance(definition, Stages):
            stages = tuple(Stage(s.name, n.And((there, s.predicate))) for s in definition.stages)
            found.by_name[each] = msgspec.structs.replace(definition, stages=stages)
    return found


def _stages(number: str, names: Sequence[str]) -> tuple[Stage, ...]:
    return tuple(
        Stage(name, n.Compare("==", n.Ref(number), n.Number(Decimal(j))))
        for j, name in enumerate(names)
    )
