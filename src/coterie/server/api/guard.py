"""Who may ask: the machine itself, or whoever has a token."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import NamedTuple, Protocol

from coterie.server.api.problems import FOREIGN, NO_TOKEN, STRANGER
from coterie.storage.credentials import hashed
from coterie.storage.tokens import Token

_PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Headers(Protocol):
    """The headers of a request, by names in lower case."""

    def get(self, key: str, /) -> str | None:
        """The first value of a header."""


class Caller(NamedTuple):
    """Who asks.

    Parameters
    ----------
    purpose : str
        What for: only audiences of this purpose are shown. Empty: everything is.
    """

    purpose: str = ""


class Guard:
    """Decides who may ask.

    Parameters
    ----------
    always : bool
        Whether a token is needed on the machine itself as well.

    Notes
    -----
    Without a token three things must be so: the connection comes from this machine, it was made
    to a name of this machine (the header ``Host``; a page elsewhere may have its name resolve to
    127.0.0.1), and no page of another origin asks. What a proxy passed on comes from elsewhere.
    `tokens` (hash -> token) is replaced by whoever knows the ledger.
    """

    def __init__(self, *, always: bool = False) -> None:
        self.tokens: dict[bytes, Token] = {}
        self._always = always

    def admit(self, client: str, headers: Headers, authority: str | None = None) -> Caller:
        """Who asks.

        Parameters
        ----------
        client : str
            Address and port at the other end of the connection.
        authority : str, optional
            The host where no header says it.

        Raises
        ------
        Refused
            They may not.
        """
        said = headers.get("authorization")
        if said is not None:
            return self._holder(said)
        if self._always or not _own(client) or _passed_on(headers):
            raise STRANGER
        host = headers.get("host") or authority or ""
        origin = headers.get("origin")
        if not _local(host) or (origin is not None and origin != f"http://{host}"):
            raise FOREIGN
        return Caller()

    def _holder(self, authorization: str) -> Caller:
        scheme, _, token = authorization.partition(" ")
        found = self.tokens.get(hashed(token.strip())) if scheme.lower() == "bearer" else None
        if found is None:
            raise NO_TOKEN
        return Caller(found.purpose)


def loopback(host: str) -> bool:
    """Whether nothing but this machine reaches an address.

    Examples
    --------
    >>> loopback("127.0.0.1"), loopback("::1"), loopback("0.0.0.0"), loopback("shop.example")
    (True, True, False, False)
    """
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def _passed_on(headers: Headers) -> bool:
    return any(headers.get(name) is not None for name in _PASSED_ON)


def _own(client: str) -> bool:
    return _loops(client.rpartition(":")[0])


@lru_cache(1024)
def _loops(address: str) -> bool:
    return loopback(address.strip("[]"))


@lru_cache(1024)
def _local(host: str) -> bool:
    """Whether a ``Host`` names this machine."""
    name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if not name or not port.isdigit():
        name = host
    return name.lower() == "localhost" or loopback(name.strip("[]"))
