"""The simulated shop: its events in order of arrival, its tracking plan, and the truth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.simulate import files
from coterie.simulate.cells import draw_cell, merge
from coterie.simulate.dictionary import tracking_plan
from coterie.simulate.parameters import ShopParameters
from coterie.simulate.people import CELL
from coterie.simulate.render import render
from coterie.simulate.truth import truth_of

BLOCK = 20_000


class Shop:
    """A shop that never was, with the truth beside its data.

    Parameters
    ----------
    parameters : ShopParameters
        Size, time, seed and what is planted. Equal parameters give equal events and truth under
        one version of NumPy, whatever the block; the people of a smaller shop are the first
        people of a larger one, thousand by thousand.

    Notes
    -----
    Orders follow the BG/NBD process (Fader, Hardie & Lee 2005) from each buyer's first order,
    and their values the Gamma-Gamma model (Fader & Hardie 2013), over all people whose `process`
    in the truth is ``bg/nbd``. Season and persona leave both untouched: they move visits,
    categories, coupons, letters and consent. Two things are not quite the textbook's, and do not
    show in a fit: the hour of an order (not its day) follows the shop's busy hours, and values
    are rounded to cents. One person in a thousand is a wholesaler, planted outside that
    population: three orders a week of 180 EUR on average, for as long as the shop is open.

    Examples
    --------
    >>> shop = Shop(ShopParameters(people=20, months=3))
    >>> first = next(shop.events())[0]
    >>> first.received_at >= first.occurred_at
    True
    """

    def __init__(self, parameters: ShopParameters) -> None:
        self.parameters = parameters

    def events(self, *, block: int = BLOCK) -> Iterator[list[Event]]:
        """The events as they arrive, in batches of at most 5,000, with raw identifiers.

        Parameters
        ----------
        block : int
            People whose events are merged by arrival, in thousands rounded up (20,000, at about
            15 kB a person). The set of events does not depend on it.

        Notes
        -----
        Ordered by `received_at` within a block of people, and one block after the other: the
        whole of a shop no larger than a block is in order of arrival. Late events arrive more
        than an hour after they occurred; a duplicate is the same message again, later. Nothing
        occurs or arrives after `until`.
        """
        cells = self._cells()
        step = max(1, -(-block // CELL))
        for start in range(0, len(cells), step):
            drawn = (draw_cell(self.parameters, cell) for cell in cells[start : start + step])
            yield from render(merge(list(drawn)), self.parameters.seed)

    def plan(self) -> TrackingPlan:
        """The tracking plan that every event fits, with units, classes and descriptions."""
        return tracking_plan()

    def truth(self) -> pa.Table:
        """What was planted and what came of it, one row a person.

        Returns
        -------
        pyarrow.Table
            `user_id` (raw; null for visitors who never say who they are); `anonymous_ids` and
            `n_devices` (those seen); `persona`; `process` (``bg/nbd``, ``steady``, ``never``);
            `lambda` (orders a week), `p` (chance to stop after a repeat order), `nu` and
            `mean_spend` (EUR), null where they mean nothing; `alive` (had not stopped by
            `until`); `marketing_consent` at `until`; `n_events`, `n_consents`, `n_orders`,
            `revenue`, `refunded`, `first_order_at`, `last_order_at` (every event once);
            `n_late` and `n_duplicate` (further deliveries).
        """
        return truth_of(self.parameters, self._cells())

    def write(self, folder: Path, format: Literal["jsonl", "parquet"] = "jsonl") -> Path:  # noqa: A002 - the format of a file has no other name
        """Write ``events.<format>``, ``truth.parquet`` and ``tracking_plan.json`` to a folder.

        Returns
        -------
        Path
            The file of events: one JSON object a line, or a row an event with `properties` and
            `context` as JSON text.
        """
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(self.truth(), folder / "truth.parquet")
        files.write_plan(self.plan(), folder / "tracking_plan.json")
        target = folder / f"events.{format}"
        write = files.write_json_lines if format == "jsonl" else files.write_parquet
        write(self.events(), target)
        return target

    def _cells(self) -> range:
        return range(-(-self.parameters.people // CELL))


def simulate(
    people: int = 10_000,
    months: float = 12,
    seed: int = 7,
    until: int = ShopParameters().until,
) -> Shop:
    """A simulated shop; see `ShopParameters` for the meaning of each argument and for the rest.

    Raises
    ------
    CoterieError
        A number outside its range.

    Examples
    --------
    >>> simulate(people=30, months=2).truth().num_rows
    30
    """
    return Shop(ShopParameters(people=people, months=months, seed=seed, until=until))
