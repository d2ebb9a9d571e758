"""The fate of each payload of the Segment specification: looked at one by one, and written down.

As they came: sent in one batch, in the order of the file, as their pages print them.
"""

from __future__ import annotations

CONFLICT, UNTYPED, STORED = "conflict", "missing", "stored"

FATES = {
    0: STORED,  # alias by an e-mail address, without id and instant: both are made
    1: STORED,  # alias, the first of the pages' one example id
    12: CONFLICT,  # track with the same example id, and so another content of it
    34: CONFLICT,  # group, as 12
    36: CONFLICT,  # identify, as 12
    54: CONFLICT,  # page, as 12
    56: CONFLICT,  # screen, as 12
    58: STORED,  # track with an id of its own ...
    59: CONFLICT,  # ... which the next example has as well
    33: STORED,  # group without a user: it is nobody's
    35: STORED,  # identify without id and instant
    53: STORED,  # page without a user
    55: STORED,  # screen without a user
    57: STORED,  # track without a user
    **dict.fromkeys(range(2, 12), STORED),  # B2B: tracks of a user
    **dict.fromkeys(range(40, 53), STORED),  # mobile: tracks of a user
    **dict.fromkeys(range(13, 27), UNTYPED),  # AI, e-commerce: `action` stands where `type` should
    **dict.fromkeys(range(27, 33), UNTYPED),  # e-mail: `action`, and `user_id` for `userId`
    **dict.fromkeys(range(37, 40), UNTYPED),  # live chat: `action`
    **dict.fromkeys(range(60, 76), UNTYPED),  # video: `action`
    **dict.fromkeys(range(76, 82), UNTYPED),  # bodies for an address that says the type
    82: UNTYPED,  # a batch, which is no message of a batch
    83: UNTYPED,  # a body for /v1/identify
}
"""Position in the file -> stored, or the reason of its quarantine."""

OWN_ADDRESS = {76: "identify", 77: "track", 78: "page", 79: "screen", 80: "group", 81: "alias",
               83: "identify"}  # fmt: skip
"""Those that are whole once they are sent to the address that they are printed for."""
