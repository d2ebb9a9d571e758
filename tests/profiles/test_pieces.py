"""Which pieces of the change records the newest are in: no other has to be read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coterie.profiles.pieces import Piece, Place, blocks, needed

KINDS = [("entered", "event"), ("exited", "time"), ("entered", "run")]

records = st.lists(
    st.tuples(
        st.sampled_from("fg"), st.integers(0, 3), st.sampled_from(KINDS),
        st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(0, 99)),
    ),
    unique_by=lambda record: record[3],
)  # fmt: skip


def pieces_of(found: list[tuple[str, int, tuple[str, str], Place]]) -> list[Piece]:
    """The records counted as a tally counts them: with bounds that may be wide."""
    made = []
    for file, number, kind in dict.fromkeys(record[:3] for record in found):
        places = [place for *key, place in found if tuple(key) == (file, number, kind)]
        low, high = zip(
            *((min(part), max(part)) for part in zip(*places, strict=True)), strict=True
        )
        made.append(Piece(file, number, *kind, 0, 0, len(places), low, high))
    return made


@given(records, st.integers(0, 8), st.integers(1, 5))
def test_newest_are_in_the_pieces_that_are_needed(
    found: list[tuple[str, int, tuple[str, str], Place]], skipped: int, n: int
) -> None:
    """Those after so many, in their order, are the same as of all records."""
    some, left = needed(blocks(pieces_of(found)), skipped, n)
    read = {(block.file, block.number) for block in some}
    places = sorted((place for f, i, _, place in found if (f, i) in read), reverse=True)
    every = sorted((place for *_, place in found), reverse=True)
    assert places[left : left + n] == every[skipped : skipped + n]


def test_pieces_before_those_that_are_shown_are_not_read() -> None:
    """A run's records follow one another, so that a page lies in one piece or two."""
    run = [Piece("f", i, "entered", "run", 7, 0, 10, (5, 7, 10 * i), (5, 7, 10 * i + 9))
           for i in range(50)]  # fmt: skip
    assert [[b.number for b in needed(blocks(run), skipped, 5)[0]] for skipped in (0, 8, 490)] == [
        [49], [49, 48], [0],
    ]  # fmt: skip
