"""Addresses of receivers as users give them, checked before anything is kept or sent."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

import httpx

from coterie.activate.webhooks.addresses import Addresses
from coterie.errors import ProjectError


def checked_url(url: str, allow: Sequence[str]) -> httpx.URL:
    """An address that messages may be sent to, as far as it alone can say.

    What its name leads to is checked at each connection.

    Parameters
    ----------
    allow : sequence of str
        Internal networks that the project allows.

    Raises
    ------
    ProjectError
        It is no address, has a password in it, or is not encrypted although nothing internal is
        allowed, or names an address that nothing may be sent to.

    Examples
    --------
    >>> checked_url("https://example.com/hook", []).host
    'example.com'
    """
    try:
        found = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise _wrong("not an address") from None
    if found.scheme not in ("http", "https") or not found.host:
        raise _wrong("not an address")
    if found.userinfo:
        raise _wrong("an address with a password in it, which would be kept as it is")
    if found.scheme == "http" and not allow:
        raise _wrong("an address without https", "https, or [webhooks] allow in coterie.toml")
    _check_host(found, Addresses(allow))
    return found


def _check_host(url: httpx.URL, addresses: Addresses) -> None:
    try:
        ip_address(url.host)
    except ValueError:  # a name
        return
    if why := addresses.refusal(url.host):
        raise _wrong(why, "one of the internet, or [webhooks] allow in coterie.toml")


def _wrong(what: str, expected: str = "as in https://example.com/hook") -> ProjectError:
    return ProjectError("nothing can be sent there", where="--url", got=what, expected=expected)
