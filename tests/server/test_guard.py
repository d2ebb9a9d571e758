"""Who may ask is decided by the connection, the name it was made to, and the token."""

from __future__ import annotations

import pytest

from coterie.server.api.guard import Caller, Guard, loopback
from coterie.server.api.problems import Refused
from coterie.storage.credentials import hashed
from coterie.storage.tokens import Token

TOKEN = Token(id="1", name="crm", purpose="marketing", added_at=0, revoked_at=None)


@pytest.fixture
def guard() -> Guard:
    found = Guard()
    found.tokens = {hashed("secret"): TOKEN}
    return found


def code(guard: Guard, client: str = "127.0.0.1:5", **headers: str) -> str:
    """What is said to somebody: the code of a refusal, or nothing."""
    sent = {"host": "localhost"} | {n.replace("_", "-"): v for n, v in headers.items()}
    try:
        guard.admit(client, sent)
    except Refused as refused:
        return refused.problem.code
    return ""


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8765", "127.0.0.1", "127.0.0.1:1", "127.9.9.9", "[::1]", "[::1]:8765"],
)
def test_names_of_this_machine_are_known(guard: Guard, host: str) -> None:
    """With and without a port, of either family."""
    assert code(guard, host=host) == ""


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0", "10.0.0.1",
     "[::2]:8765", "2130706433", "0x7f.1", "localhost:80:80", "127.0.0.1@evil.example"],
)  # fmt: skip
def test_other_names_are_foreign(guard: Guard, host: str) -> None:
    """However they look, and whatever they resolve to."""
    assert code(guard, host=host) == "foreign"


@pytest.mark.parametrize("client", ["203.0.113.9:5", "[2001:db8::1]:5", "10.0.0.1:5", "", ":5"])
def test_other_machines_need_a_token(guard: Guard, client: str) -> None:
    """Whatever they call this one."""
    assert code(guard, client) == "unauthorized"
    assert code(guard, client, authorization="Bearer secret") == ""


@pytest.mark.parametrize("client", ["127.0.0.1:5", "[::1]:5", "::1:5", "::ffff:127.0.0.1:5"])
def test_the_machine_itself_needs_none(guard: Guard, client: str) -> None:
    """By either family; but where it always is wanted, it does."""
    assert code(guard, client) == ""
    assert code(Guard(always=True), client) == "unauthorized"


def test_credential_that_does_not_work_is_refused_everywhere(guard: Guard) -> None:
    """Also on the machine itself, which would need none."""
    for said in ("Bearer wrong", "Bearer", "Basic c2VjcmV0Og==", "secret", "", "Bearer secret x"):
        assert code(guard, authorization=said) == "unauthorized", said
    assert guard.admit("", {"authorization": "bearer  secret"}) == Caller("marketing")


def test_what_a_proxy_passed_on_comes_from_elsewhere(guard: Guard) -> None:
    """However it says so."""
    for name in ("x_forwarded_for", "forwarded", "x_real_ip", "via"):
        assert code(guard, **{name: "127.0.0.1"}) == "unauthorized"


def test_addresses_that_others_reach_are_no_loopback() -> None:
    """Any address of all, of a network, or a name."""
    assert [*map(loopback, ("127.0.0.1", "::1", "::ffff:127.0.0.1"))] == [True] * 3
    assert not any(map(loopback, ("0.0.0.0", "::", "10.1.2.3", "localhost", "", "256.1.1.1")))
