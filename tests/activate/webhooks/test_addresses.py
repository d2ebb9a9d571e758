"""Nothing is sent into an internal network, however its address is spelled."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from coterie.activate.webhooks.addresses import Addresses, public
from coterie.activate.webhooks.connecting import Refused, Resolver, Transport
from coterie.activate.webhooks.sending import Answer, client, post
from coterie.activate.webhooks.targets import checked_url
from coterie.errors import ProjectError
from tests.activate.webhooks.outside import TRUSTED, Outside
from tests.activate.webhooks.receiver import Receiver

INTERNAL = (
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1",
    "172.31.255.255", "192.168.1.1", "169.254.169.254", "169.254.170.2", "100.64.0.1",
    "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1",
    "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1", "2001::1",
    "100::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1",
    "2001:0:7f00:1::1", "3fff::1", "5f00::1",
)  # fmt: skip
OUTSIDE = (
    "8.8.8.8", "1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001::1",
    "::ffff:8.8.8.8", "64:ff9b::808:808",
)  # fmt: skip


@pytest.mark.parametrize("address", INTERNAL)
def test_internal_addresses_are_refused(address: str) -> None:
    """Loopback, private, link-local, shared, multicast, reserved, metadata, and IPv4 in IPv6."""
    assert Addresses().refusal(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_of_the_internet_are_not(address: str) -> None:
    """Whatever IANA gave out for use may be sent to."""
    assert not Addresses().refusal(address)


@given(st.ip_addresses(v=4))
def test_an_address_within_an_address_is_judged_by_itself(inner: IPv4Address) -> None:
    """Mapped and translated addresses are as internal as what they lead to."""
    number = int(inner)
    for prefix in (0xFFFF << 32, int(ip_address("64:ff9b::"))):
        assert public(IPv6Address(prefix + number)) == public(inner)
    assert public(inner) <= inner.is_global


@given(st.ip_addresses(v=6))
def test_nothing_that_python_knows_as_private_is_public(address: IPv6Address) -> None:
    """The list here only adds to the one of the standard library."""
    if public(address):
        assert address.is_global or ip_network("64:ff9b::/96").supernet_of(
            ip_network(address)  # type: ignore[arg-type]
        )
        assert not address.is_multicast


def test_a_project_may_allow_a_network_by_name() -> None:
    """What is allowed is allowed in its IPv6 form too, and nothing beside it is."""
    addresses = Addresses(["10.1.0.0/16"])
    assert not addresses.refusal("10.1.2.3")
    assert not addresses.refusal("::ffff:10.1.2.3")
    assert addresses.refusal("10.2.0.1")
    with pytest.raises(ProjectError):
        Addresses(["10.1.0.0/8"])


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "https:///hook", "nothing", "https://[::1]/",
        "https://127.0.0.1/", "https://user:word@example.com/", "https://①②⑦.⓪.⓪.①/",
        "https://169.254.169.254/latest",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_meant_is_refused_when_it_is_given(url: str) -> None:
    """An error names what is wrong before anything is kept."""
    with pytest.raises(ProjectError, match="nothing can be sent there"):
        checked_url(url, [])


def sent(url: str, addresses: Addresses, **how: object) -> Answer:
    """The answer to an empty message."""

    async def go() -> Answer:
        transport = Transport(addresses, **{"trusted": TRUSTED, **how})  # type: ignore[arg-type]
        async with client(transport, 2.0) as through:
            return await post(through, url, {"webhook-id": "msg_1"}, "{}", 2.0, 0)

    return asyncio.run(go())


@pytest.mark.parametrize(
    "host", ["0x7f.1", "2130706433", "0177.0.0.1", "127.1", "localhost", "[::ffff:7f00:1]", "①②⑦.1"]
)
def test_odd_spellings_of_loopback_reach_nobody(receiver: Receiver, host: str) -> None:
    """What is checked is the address that the resolver gives, not the text."""
    said = sent(f"https://{host}:{receiver.port}/hook", Addresses())
    assert said.said.startswith(("refused: ", "no connection", "not sent: InvalidURL"))
    assert said.status == 0
    assert receiver.attempts == []


def test_a_name_with_one_internal_address_is_refused() -> None:
    """An attacker's resolver may hide an internal address behind one of the internet."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["93.184.215.14", "10.0.0.1"]

    assert sent("https://example.com/", Addresses(), resolve=resolve).said.startswith("refused")


def test_what_was_checked_is_what_is_connected_to(receiver: Receiver) -> None:
    """A name that leads elsewhere at a second question was asked about once."""
    answers = iter([["127.0.0.1"], ["10.255.255.1"]])

    async def resolve(host: str, port: int) -> list[str]:
        return next(answers)

    url = f"http://rebinding.example:{receiver.port}/hook"
    assert sent(url, Addresses(["127.0.0.0/8"]), resolve=resolve).status == 204
    assert next(answers) == ["10.255.255.1"]


def test_without_encryption_only_allowed_networks_are_reached() -> None:
    """A project that allows an internal network does not send in clear to the internet."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["93.184.215.14"]

    said = sent("http://example.com/", Addresses(["127.0.0.0/8"]), resolve=resolve)
    assert said.said.startswith("refused: without https")


def test_tls_asks_for_the_name_and_not_for_the_address() -> None:
    """The server is told the host's name, and its certificate is held against it."""
    asked: list[str | None] = []

    async def go() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = lambda sock, name, ctx: asked.append(name)
        server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]

        async def resolve(host: str, port: int) -> list[str]:
            return ["127.0.0.1"]

        transport = Transport(Addresses(["127.0.0.0/8"]), resolve, TRUSTED)
        async with client(transport, 2.0) as through:
            said = await post(through, f"https://shop.example:{port}/", {}, "{}", 2.0, 0)
        assert said.said.startswith("no connection")
        server.close()

    asyncio.run(go())
    assert asked == ["shop.example"]


def test_a_resolver_is_asked_once_for_one_host_at_a_time() -> None:
    """Many messages to one slow name wait for one question."""

    async def go() -> int:
        resolver = Resolver()
        found = await asyncio.gather(*(resolver("localhost", 80) for _ in range(20)))
        assert len({tuple(each) for each in found}) == 1
        return len(resolver._asking)

    assert asyncio.run(go()) == 0


def test_no_socket_of_the_machine_is_connected_to() -> None:
    """A transport has no way to a local socket, nor to a proxy of the environment."""

    async def go() -> None:
        transport = Transport(Addresses(), trusted=TRUSTED)
        pool = transport._pools["https"]
        with pytest.raises(Exception, match="a socket of this machine"):
            await pool._network_backend.connect_unix_socket("/tmp/x")

    asyncio.run(go())
    assert issubclass(Refused, httpx.TransportError)


def test_a_refused_delivery_says_why_and_is_kept(outside: Outside, receiver: Receiver) -> None:
    """The reason stands beside the delivery, which is tried again on the schedule."""
    outside.manner = type(outside.manner)(seconds=1.0)
    outside.deliverer = outside.another()
    outside.add(receiver.url)
    outside.enter("ann")
    outside.deliver()
    assert outside.deliveries.list()[0].why == "refused: an address of an internal network"
    assert outside.fates() == {"waiting": 1}


def authority(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for a name, and a client's that believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    began = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1)
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, text = folder / "server.pem", serialization.Encoding.PEM
    private = serialization.PrivateFormat.PKCS8
    pem.write_bytes(
        key.private_bytes(text, private, serialization.NoEncryption()) + made.public_bytes(text)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cadata=made.public_bytes(text).decode())


@pytest.mark.parametrize(("host", "said"), [("shop.example", "200 OK"), ("other.example", "no c")])
def test_a_certificate_is_held_against_the_name(tmp_path: Path, host: str, said: str) -> None:
    """Over TLS to the checked address, the host named in the request is the one of the address."""
    server, trusted = authority(tmp_path, "shop.example")
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async def go() -> tuple[Answer, int]:
        listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server)
        port = listening.sockets[0].getsockname()[1]
        transport = Transport(Addresses(["127.0.0.0/8"]), resolve, trusted)
        async with client(transport, 5.0) as through:
            found = await post(through, f"https://{host}:{port}/hook", {}, "{}", 5.0, 0)
        listening.close()
        return found, port

    answer, port = asyncio.run(go())
    assert answer.said.startswith(said)
    named = [line for head in heads for line in head.split(b"\r\n") if line.startswith(b"Host")]
    assert named == ([f"Host: shop.example:{port}".encode()] if answer.accepted else [])
