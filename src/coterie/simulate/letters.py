"""Letters and what was allowed: consents given and withdrawn, newsletters, opens and clicks."""

from __future__ import annotations

import numpy as np

from coterie.simulate import personas
from coterie.simulate.arrays import Flags, Ints, Reals, choose, stream
from coterie.simulate.columns import Columns, Kind, columns, joined
from coterie.simulate.parameters import DAY, HOUR, SECOND, ShopParameters
from coterie.simulate.people import People
from coterie.simulate.seasons import with_hours

STAGE = 2
_EVERY_DAYS = 21
_SENT_HOUR = 9
_TUESDAY = 5  # days since Thursday 1970-01-01


def draw_letters(wanted: ShopParameters, people: People, cell: int) -> tuple[Columns, Columns]:
    """The consent events and the letter events of a cell's people.

    A newsletter goes out every third Tuesday to those whose marketing consent holds then.
    """
    rng = stream(wanted.seed, cell, STAGE)
    return _consent_events(people), _newsletters(rng, wanted, people)


def consented(people: People, at: Ints) -> Flags:
    """Whether each person's marketing consent holds at each instant (a row a person)."""
    changes = with_hours(people.consents)
    answers = (changes[:, :, None] <= at[None, None, :]).sum(axis=1)
    odd = answers % 2 == 1
    held = np.where(people.granted[:, None], odd, ~odd & (answers > 0))
    holds: Flags = held & people.identified[:, None]
    return holds


def _consent_events(people: People) -> Columns:
    turns = np.arange(people.consents.shape[1])
    granted = people.granted[:, None] ^ (turns % 2 == 1)[None, :]
    row = np.repeat(np.arange(len(people), dtype=np.int64), len(turns))
    said = people.identified[row]
    at = with_hours(people.consents).ravel()
    return columns(Kind.CONSENT, row[said], at[said], item=granted.ravel()[said].astype(np.int64))


def _newsletters(rng: np.random.Generator, wanted: ShopParameters, people: People) -> Columns:
    days = np.arange(wanted.start // DAY, wanted.until // DAY + 1, dtype=np.int64)
    days = days[(days - _TUESDAY) % _EVERY_DAYS == 0]
    sent = days * DAY + _SENT_HOUR * HOUR
    row, letter = (index.astype(np.int64) for index in np.nonzero(consented(people, sent)))
    delivered = sent[letter] + _after(rng, 5 * 60 * SECOND, len(row))
    opens = rng.random(len(row)) < personas.figures("p_open")[people.persona[row]]
    opened = delivered + _after(rng, 6 * HOUR, len(row))
    clicks = opens & (rng.random(len(row)) < personas.figures("p_click")[people.persona[row]])
    clicked = opened + _after(rng, 40 * SECOND, len(row))
    day = days[letter]
    category = choose(rng, personas.tastes(), people.persona[row])
    return joined([
        columns(Kind.DELIVERED, row, delivered, item=day),
        columns(Kind.OPENED, row[opens], opened[opens], item=day[opens]),
        columns(Kind.CLICKED, row[clicks], clicked[clicks], item=day[clicks],
                quantity=category[clicks]),
    ])  # fmt: skip


def _after(rng: np.random.Generator, mean: float, n: int) -> Ints:
    drawn: Reals = rng.exponential(mean, n)
    return SECOND + drawn.astype(np.int64)
