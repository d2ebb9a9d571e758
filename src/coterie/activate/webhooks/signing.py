"""Secrets and signatures, as Standard Webhooks 1.0 asks."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from standardwebhooks import Webhook

from coterie.language.time import from_micros

SECRET_BYTES = 32
PREFIX = "whsec_"


def secret_of(random: bytes) -> str:
    """A secret as a receiver is given it.

    Parameters
    ----------
    random : bytes
        24 to 64 of them, by the standard.

    Examples
    --------
    >>> secret_of(bytes(24))
    'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    """
    return PREFIX + base64.b64encode(random).decode()


def headers(message: str, at: int, body: str, secrets: Sequence[str]) -> dict[str, str]:
    """The headers by which a receiver knows a message: its id, when it was sent, signatures.

    Parameters
    ----------
    message : str
        The same for every attempt.
    at : int
        Of this attempt, microseconds UTC.
    secrets : sequence of str
        One signature for each; two while a secret is exchanged for another.

    Examples
    --------
    >>> from standardwebhooks import Webhook
    >>> secret = secret_of(bytes(24))
    >>> made = headers("msg_1", 1_700_000_000_000_000, "{}", [secret])
    >>> made["webhook-timestamp"], made["webhook-signature"][:3]
    ('1700000000', 'v1,')
    """
    instant = from_micros(at)
    signed = [Webhook(secret).sign(message, instant, body) for secret in secrets]
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at // 1_000_000),
        "webhook-signature": " ".join(signed),
    }
