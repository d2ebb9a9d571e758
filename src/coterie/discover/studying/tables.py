"""A study of a table of customers, without a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from coterie.discover.clustering.plan import Plan
from coterie.discover.keeping.shelf import Shelf
from coterie.discover.preparing.recipe import Recipe
from coterie.discover.studying.choices import choices
from coterie.discover.studying.frames import crowd_of
from coterie.discover.studying.making import Progress, made, silent
from coterie.discover.studying.study import Study


def study(
    frame: pd.DataFrame,
    traits: Sequence[str] = (),
    *,
    id: str = "",  # noqa: A002 - what a user calls it
    ordinal: Mapping[str, Sequence[str]] | None = None,
    category: Sequence[str] = (),
    k: int | Sequence[int] | None = None,
    algorithms: Sequence[str] | str | None = None,
    recipe: Recipe | None = None,
    floor: int = 100,
    seed: int = 0,
    plan: Plan | None = None,
    title: str = "a table",
    at: int = 0,
    keep: Path | None = None,
    progress: Progress = silent,
) -> Study:
    """Study which groups of customers a table holds, one row each.

    Parameters
    ----------
    frame : pandas.DataFrame
    traits : sequence of str
        Columns; by default all that can tell groups apart.
    id : str, optional
        The column that names people; by default the index of the table.
    ordinal : mapping of str to sequence of str, optional
        Texts that have an order, with their values, least first.
    category : sequence of str
        Numbers that are codes.
    title : str
        What the report calls the table.
    at : int
        From when ages of instants are counted, and when the study is made; microseconds UTC.
    keep : Path, optional
        A folder of studies that it is kept in.

    Raises
    ------
    CoterieError
        There are too few people, or nothing that tells them apart.

    Notes
    -----
    The other parameters are those of ``cdp.discover``. Nobody asks here what the people allowed:
    that is up to who has the table.
    """
    asked = choices(
        traits, k=k, algorithms=algorithms, recipe=recipe, floor=floor, seed=seed, plan=plan
    )
    crowd = crowd_of(frame, asked.traits, id=id, ordinal=ordinal, category=category, at=at)
    shelf = None if keep is None else Shelf(keep)
    return made(crowd, asked, title=title, shelf=shelf, made_at=at, progress=progress)
