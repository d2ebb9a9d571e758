"""Direct identifiers leave an event before it is stored."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import ProjectError, StoreError
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.payload import encode
from tests.storage.shop import made

PSEUDONYMISER = Pseudonymiser(bytes(range(32)))
JANE = "Jane.Doe+shop@example.co.uk"


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    """Mode 0600; the same key gives the same pseudonyms, another one gives others."""
    path = tmp_path / "keys" / "project.key"
    first = Pseudonymiser.load(path, create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Pseudonymiser.load(path, create=True).person("1") == first.person("1")
    assert Pseudonymiser.load(tmp_path / "other.key", create=True).person("1") != first.person("1")


def test_a_missing_shared_or_damaged_key_is_refused(tmp_path: Path) -> None:
    """Never silently replaced: that would give everybody a new pseudonym."""
    path = tmp_path / "project.key"
    with pytest.raises(ProjectError, match="missing"):
        Pseudonymiser.load(path)
    path.write_bytes(bytes(31))
    path.chmod(0o600)
    with pytest.raises(ProjectError, match="damaged"):
        Pseudonymiser.load(path, create=True)
    path.chmod(0o644)
    with pytest.raises(ProjectError, match="other users"):
        Pseudonymiser.load(path)


@given(st.text())
def test_one_text_has_one_pseudonym_for_each_kind_of_identifier(raw: str) -> None:
    """32 hexadecimal digits that differ between kinds."""
    kinds = [
        PSEUDONYMISER.person(raw),
        PSEUDONYMISER.anonymous(raw),
        PSEUDONYMISER.property("contact", raw),
        PSEUDONYMISER.property("identifier", raw),
    ]
    assert len(set(kinds)) == 4
    assert all(len(k) == 32 and int(k, 16) >= 0 for k in kinds)
    assert PSEUDONYMISER.person(raw) == kinds[0]


def test_pseudonyms_are_the_same_when_too_many_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was forgotten is made again; many at once get what each alone gets."""
    monkeypatch.setattr("coterie.privacy.pseudonym._KNOWN", 2)
    few, raws = Pseudonymiser(bytes(range(32))), ["1", "2", "3", "1", JANE, "3"]
    assert few.people(raws) == [PSEUDONYMISER.person(raw).encode() for raw in raws]
    assert few.devices(raws) == [PSEUDONYMISER.anonymous(raw).encode() for raw in raws]


@pytest.mark.parametrize(
    "address",
    [
        "jane@example.com",
        "JANE.doe+tag@mail.example.co.uk",
        "o'brien@example.ie",
        '"jane doe"@example.com',
        "jané@exämple.de",
        "用户@例子.中国",
        "jane%40example.com",
        "jane\uff20example.com",
        "jane@[192.168.0.1]",
        "j_a-n.e!x@sub-domain.example",
        "jane@localhost",
    ],
)
@pytest.mark.parametrize(
    "around",
    [
        "{}", "<{}>", "mailto:{}?subject=x", "a,{},b", "({})", "Dear {}, hello", "q={}&r=1",
        "{}.", "[{}]", '{{"mail":"{}"}}',
    ],
)  # fmt: skip
def test_an_address_inside_text_is_replaced(address: str, around: str) -> None:
    """In every usual wrapping, script and encoding, and the rest of the text stays."""
    text = around.format(address)
    scrubbed = PSEUDONYMISER.scrub(text)
    mailbox = address.replace("%40", "@").replace("\uff20", "@").split("@")[0].strip('"')
    assert not [part for part in mailbox.split() if len(part) > 2 and part in scrubbed]
    assert "example" not in scrubbed
    assert len(scrubbed) >= 32


def test_what_is_no_address_stays() -> None:
    """Handles, prices, lone at signs."""
    for text in ("@shop", "2 @ 3.50", "a @ b", "", "no sign", "x@ y"):
        assert PSEUDONYMISER.scrub(text) == text


PLAN = TrackingPlan(
    events={
        "Signed Up": PlannedEvent(
            properties={
                "email": Property(type="text", pii="contact"),
                "card": Property(type="text", pii="identifier"),
                "note": Property(type="text"),
            },
            explode={"friends": "Friend"},
        ),
        "Friend": PlannedEvent(properties={"phone": Property(type="text", pii="contact")}),
    }
)


def test_nothing_personal_of_an_event_passes() -> None:
    """Ids, classed properties, nested ones, stray addresses, names of properties and context."""
    secrets = [JANE, "17850", "device-9", "+44 20 7946 0000", "4929-0000"]
    event = made(
        f"order-{JANE}",
        "Signed Up",
        user_id="17850",
        anonymous_id="device-9",
        supersedes=f"before-{JANE}",
        properties={
            "email": JANE,
            "card": "4929-0000",
            "note": f"call {JANE}",
            "friends": [{"phone": "+44 20 7946 0000", "said": [JANE]}, JANE],
            "unplanned": {"deep": [{"x": JANE}]},
            JANE: 1,
        },
        context={"traits": {"mail": JANE}},
    )
    passed = PSEUDONYMISER.event(event, PLAN)
    stored = encode(passed)
    assert not [secret for secret in secrets if secret.encode() in stored]
    assert passed.user_id == PSEUDONYMISER.person("17850")
    assert passed.anonymous_id == PSEUDONYMISER.anonymous("device-9")
    assert passed.properties["email"] == PSEUDONYMISER.property("contact", JANE)
    phone = passed.properties["friends"][0]["phone"]
    assert phone == PSEUDONYMISER.property("contact", "+44 20 7946 0000")
    assert PSEUDONYMISER.event(event, PLAN) == passed


def test_nobody_stays_nobody_and_null_stays_null() -> None:
    """No pseudonym is made of nothing."""
    passed = PSEUDONYMISER.event(made("m", "Signed Up", properties={"email": None}), PLAN)
    assert (passed.user_id, passed.anonymous_id) == (None, None)
    assert passed.properties == {"email": None}


@given(st.binary(max_size=200))
def test_what_was_sealed_opens_and_nothing_else_does(raw: bytes) -> None:
    """Changed bytes and another project's key are refused."""
    sealed = PSEUDONYMISER.seal(raw)
    assert PSEUDONYMISER.open(sealed) == raw
    assert len(raw) < 4 or raw not in sealed
    for stranger, body in ((PSEUDONYMISER, sealed[:-1] + bytes([sealed[-1] ^ 1])),
                           (Pseudonymiser(bytes(32)), sealed), (PSEUDONYMISER, b"")):  # fmt: skip
        with pytest.raises(StoreError):
            stranger.open(body)
