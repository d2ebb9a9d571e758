"""Which network addresses a message may be sent to: none of an internal network, unless allowed."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from coterie.errors import ProjectError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

REFUSED = tuple(
    ip_network(text)
    for text in (
        "100.64.0.0/10",  # shared by a provider's customers (RFC 6598), a cloud's metadata in it
        "168.63.129.16/32",  # what a virtual machine of Azure is told by its host
        "192.0.0.0/24",  # protocol assignments (RFC 6890)
        "192.88.99.0/24",  # relays of 6to4 (RFC 7526)
        "198.18.0.0/15",  # benchmarks between networks (RFC 2544)
        "64:ff9b:1::/48",  # translation inside a network (RFC 8215)
        "100::/64",  # discarded (RFC 6666)
        "2001::/32",  # Teredo: an address within an address (RFC 4380)
        "2001:db8::/32",  # documentation (RFC 3849)
        "3fff::/20",  # documentation (RFC 9637)
        "5f00::/16",  # segment routing (RFC 9602)
        "fec0::/10",  # what was local to a site (RFC 3879)
    )
)
"""Networks that are not the internet's, beside those that Python knows as private or reserved."""

_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")
_LAST_32 = 0xFFFFFFFF


class Addresses:
    """Says where to a connection may be made.

    Parameters
    ----------
    allow : iterable of str
        Networks that are allowed although they are internal, as in ``127.0.0.0/8``.

    Raises
    ------
    ProjectError
        One of them is no network.

    Examples
    --------
    >>> Addresses().refusal("8.8.8.8"), Addresses().refusal("::ffff:10.1.2.3")
    ('', 'an address of an internal network')
    >>> Addresses(["10.0.0.0/8"]).refusal("10.1.2.3")
    ''
    """

    def __init__(self, allow: Iterable[str] = ()) -> None:
        self._allow = [_network(text) for text in allow]

    def refusal(self, text: str) -> str:
        """Why an address may not be connected to; empty where it may.

        Parameters
        ----------
        text : str
            A numeric address as a resolver gives it; of a scoped one, with its zone.
        """
        address = ip_address(text)
        if self.allowed(text) or public(address):
            return ""
        return "an address of an internal network"

    def allowed(self, text: str) -> bool:
        """Whether an address is among those that the project allows by name."""
        address = ip_address(text)
        return any(
            each.version == network.version and each in network
            for each in (address, *embedded(address))
            for network in self._allow
        )


def public(address: Address) -> bool:
    """Whether an address is one of the internet's, and so is each address within it.

    Notes
    -----
    What is no unicast address of the internet by IANA's special-purpose registries is not.
    """
    if any(address.version == net.version and address in net for net in REFUSED):
        return False
    inner = embedded(address)
    if inner:
        return all(public(each) for each in inner)
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_loopback
        or address.is_link_local
        or address.is_private
        or address.is_unspecified
    )


def embedded(address: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address leads to: mapped, compatible, NAT64, 6to4."""
    if isinstance(address, IPv4Address):
        return ()
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return (IPv4Address(int(address) & _LAST_32),)
    return ()


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ProjectError(
            "no network", where="webhooks.allow", got=f"{text!r}: {error}",
            expected="as in 127.0.0.0/8 or 10.1.2.3/32",
        ) from None  # fmt: skip
