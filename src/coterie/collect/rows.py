"""What is sealed of a refused row, and what somebody mends of it."""

from __future__ import annotations

import msgspec

EVENT = "event"
"""The route of what was given as an event, by a program."""


class Row(msgspec.Struct, omit_defaults=True):
    """What is sealed of a refused row: its cells by column, or its text where it has none.

    Of a message that came over the network, its text and how it came
    (:class:`coterie.collect.spec.Arrival`); of an event that a program gave, its JSON.
    """

    cells: dict[str, str | None] = {}
    raw: str = ""
    import_id: str = ""
    route: str = ""
    received_at: int = 0
    sent_at: str | None = None
    context: str = ""
    path: str = "$"


class Edit(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody writes in the place of a refused row, or of a part of it.

    Parameters
    ----------
    cells : mapping
        Column -> text; empty text and none are a cell without a value. For rows of files.
    raw : str
        The whole text; for messages. Empty: as it came.
    """

    cells: dict[str, str | None] = {}
    raw: str = ""


def edited(row: Row, edit: Edit) -> Row:
    """A row with what somebody wrote; of cells that it does not have, those that are filled."""
    if row.route:
        return msgspec.structs.replace(row, raw=edit.raw or row.raw)
    own = {
        name: value or None
        for name, value in edit.cells.items()
        if not row.cells or name in row.cells or value
    }
    filled = own if any(own.values()) else {}
    return Row(cells=filled, raw="" if filled else row.raw, import_id=row.import_id)
