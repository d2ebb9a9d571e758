"""What pages rest on is worked out when an answer is published."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from coterie.project import Project
from coterie.server.api.rooms import segment_questions as q
from coterie.server.api.rooms.explore_questions import Comparison, source
from coterie.server.preparing import pieces, taken, worked


def test_pages_of_segments_read_no_values_of_everybody_any_more(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People by each trait and way round, traits, overlaps and comparisons are there at once."""
    with Project(shop) as project:
        with project.again() as elsewhere:
            for piece in pieces(elsewhere):
                taken(worked(piece, elsewhere), project)

        def read(*_: Any) -> None:
            pytest.fail("a page reads values of everybody")

        monkeypatch.setattr("coterie.profiles.everybody.read_state", read)
        monkeypatch.setattr("coterie.profiles.everybody.pc.sort_indices", read)
        names = [".".join(filter(None, each)) for each in q.every(project.published)]
        for name in names:
            told = q.shown_traits(project.published, name.partition(".")[0])
            for sort in ("", *told):
                for descending in (False, True):
                    wanted = {"sort": sort, "descending": descending}
                    q.people(name, wanted, True, project)
            q.overlap(name, project)
            q.spread(name, "", project)
        digest = project.library.hash()
        for a, b in pairwise(names):
            question = Comparison(a, b)
            question(source(question, digest, project))
