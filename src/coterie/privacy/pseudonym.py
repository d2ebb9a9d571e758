"""Pseudonyms: the one step by which direct identifiers leave an event before it is stored."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from coterie.errors import ProjectError, StoreError
from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, TrackingPlan
from coterie.storage import durable

_KEY_BYTES = 32
_NONCE_BYTES = 12
_BLOCK_BYTES = hashlib.sha256().block_size
_KNOWN = 1 << 17
"""Identifiers of a kind whose pseudonyms are remembered."""

_AT = "(?:@|\uff20|%40)"
_MAILBOX = r"""(?:"[^"\n]*"|[^\s@"'<>()\[\]{},;:=|/\\?&#]+(?:'[^\s@"'<>()\[\]{},;:=|/\\?&#]+)*)"""
_HOST = r"(?:\[[0-9A-Fa-f.:]+\]|[^\W_](?:[\w.-]*[^\W_])?)"
_EMAIL = re.compile(_MAILBOX + _AT + _HOST)


class _Known(dict[str, bytes]):
    """Pseudonyms of one kind; all are forgotten when they become too many.

    Notes
    -----
    To know which was asked least of late would cost more at each look than it spares.
    """

    def __init__(self, digested: Callable[[str], str]) -> None:
        super().__init__()
        self._digested = digested

    def __missing__(self, raw: str) -> bytes:
        if len(self) >= _KNOWN:
            self.clear()
        made = self[raw] = self._digested(raw).encode()
        return made


class Pseudonymiser:
    """Turns identifiers into pseudonyms under the project's key.

    A pseudonym is the first 128 bits of an HMAC-SHA-256, so the same identifier always gets the
    same one, nobody without the key can compute or try them, and two kinds of identifier with
    the same text get different ones.

    Parameters
    ----------
    key : bytes
        32 secret bytes; see :meth:`load`.

    Examples
    --------
    >>> pseudonymiser = Pseudonymiser(bytes(32))
    >>> len(pseudonymiser.person("17850"))
    32
    >>> pseudonymiser.person("17850") == pseudonymiser.anonymous("17850")
    False
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise ProjectError(
                "the project's key is damaged", got=f"{len(key)} bytes", expected="32 bytes"
            )
        self._key = key
        self._inner, self._outer = (_begun(key, pad) for pad in (0x36, 0x5C))
        self._cipher = AESGCMSIV(self._derived(b"seal"))
        self._nonce_key = self._derived(b"nonce")
        self._digest = lru_cache(maxsize=_KNOWN)(self._digested)
        self._users = _Known(partial(self._digested, "user"))
        self._anonymous = _Known(partial(self._digested, "anonymous"))

    def __reduce__(self) -> tuple[type[Self], tuple[bytes]]:
        """Its key, for another process of the same program: only ever through a pipe."""
        return type(self), (self._key,)

    @classmethod
    def load(cls, keyfile: Path, create: bool = False) -> Self:
        """Read the project's key, or make a new one where `create` is true and none is there.

        The file is made readable by its owner only (mode 0600).

        Raises
        ------
        ProjectError
            There is no key, it is damaged, or it can be read by others.
        """
        if create and not keyfile.exists():
            durable.write(keyfile, os.urandom(_KEY_BYTES))
        try:
            readable_by_others = keyfile.stat().st_mode & 0o077
            key = keyfile.read_bytes()
        except FileNotFoundError:
            raise ProjectError(
                "the project's key is missing, so nobody can be looked up or stored",
                where=keyfile.name,
                hint="restore it from a backup; a new key would give everybody a new pseudonym",
            ) from None
        if readable_by_others:
            raise ProjectError(
                "the project's key can be read by other users of this machine",
                where=keyfile.name,
                expected="mode 0600",
                hint=f"chmod 600 {keyfile.name}",
            )
        return cls(key)

    @property
    def fingerprint(self) -> str:
        """Tells two keys apart and says nothing about either: 32 hexadecimal digits."""
        return self._derived(b"fingerprint").hex()[:32]

    @property
    def inbox_key(self) -> bytes:
        """The key that requests are sealed under until they are drained: 32 bytes."""
        return self._derived(b"inbox")

    def _derived(self, domain: bytes) -> bytes:
        return hmac.new(self._key, b"coterie\0" + domain, hashlib.sha256).digest()

    def _digested(self, domain: str, raw: str) -> str:
        said = f"{domain}\0{raw}".encode("utf-8", "surrogatepass")
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(said)
        outer.update(inner.digest())
        return outer.digest()[:16].hex()

    def person(self, raw: str) -> str:
        """The pseudonym of a known person's id: 32 hexadecimal digits."""
        return self._users[raw].decode()

    def anonymous(self, raw: str) -> str:
        """The pseudonym of a device or browser id: 32 hexadecimal digits."""
        return self._anonymous[raw].decode()

    def people(self, raws: Iterable[str]) -> list[bytes]:
        """What :meth:`person` gives of each, in ASCII."""
        return list(map(self._users.__getitem__, raws))

    def devices(self, raws: Iterable[str]) -> list[bytes]:
        """What :meth:`anonymous` gives of each, in ASCII."""
        return list(map(self._anonymous.__getitem__, raws))

    def property(self, pii: str, raw: str) -> str:
        """The pseudonym of a property classed ``identifier`` or ``contact``."""
        return self._digest(f"property {pii}", raw)

    def scrub(self, text: str) -> str:
        """The text with every e-mail address in it replaced by that address's pseudonym.

        Notes
        -----
        Found are addresses with an at sign, a wide at sign or a percent-encoded one, in any
        script; two spellings of one address that differ in case get one pseudonym.
        """
        if "@" not in text and "\uff20" not in text and "%40" not in text:
            return text
        return _EMAIL.sub(self._replace, text)

    def _replace(self, found: re.Match[str]) -> str:
        address = found[0].replace("\uff20", "@").replace("%40", "@").casefold()
        return self.property("contact", address)

    def event(self, event: Event, plan: TrackingPlan) -> Event:
        """The event as it may be stored: identifiers, classed properties and stray addresses gone.

        The user and anonymous ids become pseudonyms, properties that the plan classes become
        pseudonyms of their text (also inside exploded arrays), and every other text, the
        `context` included, is scrubbed of e-mail addresses. Ids of messages are scrubbed too.
        What the context keeps under ``coerced`` are values of properties, and treated as such.
        """
        return msgspec.structs.replace(
            event,
            message_id=self.scrub(event.message_id),
            supersedes=None if event.supersedes is None else self.scrub(event.supersedes),
            user_id=None if event.user_id is None else self.person(event.user_id),
            anonymous_id=(
                None if event.anonymous_id is None else self.anonymous(event.anonymous_id)
            ),
            properties=self.properties(event.properties, event.name, plan),
            context=self._context(event, plan),
        )

    def _context(self, event: Event, plan: TrackingPlan) -> dict[str, Any]:
        said: dict[str, Any] = self.scrubbed(event.context)
        if isinstance(were := event.context.get("coerced"), dict):
            said["coerced"] = self.properties(were, event.name, plan)
        return said

    def properties(
        self, values: Mapping[str, Any], name: str, plan: TrackingPlan
    ) -> dict[str, Any]:
        """Properties of an event of this name, as :meth:`event` leaves them."""
        planned = plan.events.get(name, _UNPLANNED)
        return {
            self.scrub(prop): self._property(value, prop, planned, plan)
            for prop, value in values.items()
        }

    def _property(self, value: Any, name: str, planned: PlannedEvent, plan: TrackingPlan) -> Any:
        line = planned.explode.get(name)
        if line is not None and isinstance(value, list):
            return [
                self.properties(item, line, plan) if isinstance(item, dict) else self.scrubbed(item)
                for item in value
            ]
        declared = planned.properties.get(name)
        if declared is None or declared.pii == "none" or value is None:
            return self.scrubbed(value)
        return self._classed(value, declared.pii)

    def _classed(self, value: Any, pii: str) -> Any:
        if isinstance(value, list | tuple):
            return [self._classed(item, pii) for item in value]
        if isinstance(value, dict):
            return {name: self._classed(item, pii) for name, item in value.items()}
        return None if value is None else self.property(pii, str(value))

    def scrubbed(self, value: Any) -> Any:
        """A value with every text in it scrubbed, names of objects included."""
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, dict):
            return {self.scrub(name): self.scrubbed(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.scrubbed(inner) for inner in value]
        return value

    def seal(self, raw: bytes) -> bytes:
        """Encrypt bytes that must be kept as they came, such as a quarantined row.

        The same bytes are sealed the same way (AES-GCM-SIV under a synthetic nonce), so nothing
        random is needed; whoever has no key learns only whether two sealed rows are equal.
        """
        nonce = hmac.new(self._nonce_key, raw, hashlib.sha256).digest()[:_NONCE_BYTES]
        return nonce + self._cipher.encrypt(nonce, raw, None)

    def open(self, sealed: bytes) -> bytes:
        """The bytes that were sealed.

        Raises
        ------
        StoreError
            They were changed since, or sealed under another project's key.
        """
        try:
            nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            return self._cipher.decrypt(nonce, body, None)
        except (InvalidTag, ValueError):
            raise StoreError(
                "a sealed row cannot be opened: it was changed, or sealed under another key"
            ) from None


def _begun(key: bytes, pad: int) -> hashlib._Hash:
    """Half of an HMAC-SHA-256 (RFC 2104) that has read its key.

    Copied for each identifier, both halves take a third of the time of `hmac.digest`, which also
    lets go of the interpreter's lock, and then waits for it.
    """
    return hashlib.sha256(bytes(byte ^ pad for byte in key.ljust(_BLOCK_BYTES, b"\0")))


_UNPLANNED = PlannedEvent()
