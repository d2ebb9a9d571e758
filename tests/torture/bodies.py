"""Requests that a collector may meet on the open internet: real messages, and what became of them.

Everything is drawn from one seed. A request is bytes, as they go over the wire.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

ROUTES = ("track", "identify", "page", "screen", "group", "alias", "batch", "t", "i", "p", "b",
          "import", "nowhere", "../etc", "track/", "%00")  # fmt: skip
_BOMB = gzip.compress(b'{"batch":[' + b" " * 20_000_000 + b"]}", 9)
_DEEP = (40, 500, 1_100, 20_000)
_MOST = 40_000

EVIL = (
    "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "1e999999999", "-0", "-0.0",
    "0.1e-5", "9" * 400, "9" * 5_000, "1" + "0" * 310, "9223372036854775808", "1.0" + "0" * 2_000,
    '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"a\\u0000b"', '"\\ud83d\\ude00"', '"\x7f"',
    '"' + "x" * 300 + '"', '"' + "é" * 200 + '"', '""', '" "', "null", "true", "[]", "{}", "[[]]",
    '{"":{"":{"":0}}}', '{"a":1,"a":2}', '{"__proto__":{"x":1}}', '"0001-01-01T00:00:00Z"',
    '"9999-12-31T23:59:59.999999Z"', '"2026-02-30T00:00:00Z"', '"2026-01-01T00:00:00+99:99"',
    '"-999999-01-01"', "1767225600", "1767225600000", '"\\u202e"', '"jen@email.com"',
)  # fmt: skip
"""JSON, or what some senders take for JSON."""

MESSAGES: tuple[dict[str, Any], ...] = (
    {"type": "track", "event": "Order Completed", "userId": "u1", "messageId": "m",
     "timestamp": "2026-01-02T03:04:05.678Z", "properties": {"revenue": 19.9, "n": 3,
     "products": [{"sku": "a", "price": 1.5}, {"sku": "b", "price": 2}]},
     "context": {"library": {"name": "analytics-python", "version": "2.3.1"}, "ip": "8.8.8.8"}},
    {"type": "identify", "userId": "97980cfea0067", "anonymousId": "507f191e810c19729de860ea",
     "traits": {"email": "peter@example.com", "age": 33, "address": {"city": "Bonn"}},
     "timestamp": "2026-01-02T03:04:05Z", "sentAt": "2026-01-02T03:04:06Z", "messageId": "m"},
    {"type": "page", "anonymousId": "a1", "category": "Docs", "name": "Home", "messageId": "m",
     "properties": {"url": "https://example.org/?q=1", "title": "é\u2028"}, "integrations": {}},
    {"type": "screen", "userId": 12345, "name": "Main", "properties": None, "messageId": "m"},
    {"type": "group", "userId": "u2", "groupId": "g1", "traits": {"employees": 50},
     "messageId": "m"},
    {"type": "alias", "userId": "u3", "previousId": "a1", "messageId": "m"},
)  # fmt: skip


_BESIDE = (
    b"", b',"sentAt":"2026-01-02T03:04:06Z"', b',"sentAt":NaN', b',"context":[1]',
    b',"context":{"a":1}', b',"batch":1', b',"writeKey":null',
)  # fmt: skip


class Bodies:
    """Requests of one seed; each `request` is the next one.

    Parameters
    ----------
    key : str
        A write key that works.
    """

    def __init__(self, key: str, seed: int) -> None:
        self._random = Random(seed)
        self._n = 0
        self._name = f"f{seed}"
        self._key = key
        self._right = "Basic " + base64.b64encode(f"{key}:".encode()).decode()

    def good(self) -> tuple[str, bytes]:
        """A message that must be stored, by its id, and the request that sends it."""
        self._n += 1
        name = f"good-{self._name}-{self._n}"
        body = json.dumps(MESSAGES[0] | {"messageId": name}).encode()
        return name, self._sent("POST", "/v1/track", body, [f"authorization: {self._right}"])

    def request(self) -> bytes:
        """Any request."""
        random = self._random
        route = random.choice(ROUTES) if random.random() < 0.3 else random.choice(ROUTES[:7])
        body = self._batch() if route in ("batch", "b", "import") else self._message()
        if random.random() < 0.35:
            body = self._torn(body)
        headers: list[str] = []
        if random.random() < 0.95:
            headers.append(f"authorization: {self._right}")
        elif random.random() < 0.5:
            wrong = ("Basic x", "Basic " + "A" * 9_000, "Bearer x", "basic", "Basic Og==", "")
            headers.append(f"authorization: {random.choice(wrong)}")
        if random.random() < 0.15:
            body = self._packed(body, headers)
        method = "POST" if random.random() < 0.98 else random.choice(("GET", "PUT", "OPTIONS"))
        return self._sent(method, f"/v1/{route}", body, headers)

    def _sent(self, method: str, path: str, body: bytes, headers: list[str]) -> bytes:
        head = [f"{method} {path} HTTP/1.1", "host: localhost", *headers]
        if self._random.random() < 0.05:
            cut = self._random.randint(0, len(body))
            pieces = [piece for piece in (body[:cut], body[cut:]) if piece]
            body = b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in pieces) + b"0\r\n\r\n"
            head.append("transfer-encoding: chunked")
        else:
            head.append(f"content-length: {len(body)}")
        return "\r\n".join([*head, "", ""]).encode("latin-1") + body

    def _message(self) -> bytes:
        self._n += 1
        random = self._random
        one = dict(random.choice(MESSAGES)) | {"messageId": f"{self._name}-{self._n}"}
        if random.random() < 0.1:
            one["writeKey"] = self._key
        text = json.dumps(one, ensure_ascii=random.random() < 0.5)
        for _ in range(random.choice((0, 1, 1, 2, 4))):
            text = random.choice(_EDITS)(random, text)
        return text.encode("utf-8", "surrogatepass")

    def _batch(self) -> bytes:
        messages = b",".join(self._message() for _ in range(self._random.choice((0, 1, 2, 9))))
        return b'{"batch":[' + messages + b"]" + self._random.choice(_BESIDE) + b"}"

    def _torn(self, body: bytes) -> bytes:
        random = self._random
        held = bytearray(body)
        for _ in range(random.choice((1, 1, 3))):
            random.choice(_WOUNDS)(random, held)
        return bytes(held[:_MOST])

    def _packed(self, body: bytes, headers: list[str]) -> bytes:
        random = self._random
        said, packed = random.choice((
            ("gzip", gzip.compress(body, 1)),
            ("GZIP", gzip.compress(body, 1)[:-4]),
            ("gzip", gzip.compress(body, 1) + b"x"),
            ("gzip", gzip.compress(body, 1) * 2),
            ("gzip", body),
            ("gzip", b""),
            ("gzip", _BOMB),
            ("deflate", zlib.compress(body, 1)),
            ("br", body),
            ("identity", body),
        ))  # fmt: skip
        headers.append(f"content-encoding: {said}")
        return packed


def _evil(random: Random) -> str:
    if random.random() < 0.05:
        n = random.choice(_DEEP)
        opened, closed = random.choice((("[", "]"), ('{"a":', "}")))
        return opened * n + "0" + closed * (n if random.random() < 0.8 else 0)
    return random.choice(EVIL)


def _replaced(random: Random, text: str) -> str:
    """One value is another."""
    places = [i for i, c in enumerate(text) if c == ":"]
    if not places:
        return text
    at = random.choice(places) + 1
    ends = [i for i in (text.find(",", at), text.find("}", at)) if i > 0]
    return text[:at] + _evil(random) + text[min(ends, default=len(text)) :]


def _twice(random: Random, text: str) -> str:
    """One name stands there twice."""
    name = random.choice(("type", "messageId", "userId", "properties", "event", "timestamp", ""))
    return text[:-1] + f',"{name}":{_evil(random)}' + text[-1:]


def _renamed(random: Random, text: str) -> str:
    """One name is another."""
    name = random.choice(("type", "event", "userId", "messageId", "properties", "context"))
    return text.replace(f'"{name}"', random.choice(('"x"', '"TYPE"', '"\\u0000"', "type")), 1)


def _deeper(random: Random, text: str) -> str:
    """The message is a value of another."""
    return f'{{"properties":{text},"type":{_evil(random)}}}'


_EDITS: tuple[Callable[[Random, str], str], ...] = (
    _replaced, _replaced, _replaced, _twice, _renamed, _deeper,
)  # fmt: skip


def _flip(random: Random, held: bytearray) -> None:
    if held:
        held[random.randrange(len(held))] = random.randrange(256)


def _cut(random: Random, held: bytearray) -> None:
    del held[random.randint(0, len(held)) :]


def _insert(random: Random, held: bytearray) -> None:
    what = random.choice((b"\0", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b'"', b"[" * 3_000,
                          b"{", b"}", b",", b"\\", b"\r\n\r\n", random.randbytes(7)))  # fmt: skip
    at = random.randint(0, len(held))
    held[at:at] = what


def _copy(random: Random, held: bytearray) -> None:
    a, b = sorted((random.randint(0, len(held)), random.randint(0, len(held))))
    held[b:b] = held[a:b]


_WOUNDS: tuple[Callable[[Random, bytearray], None], ...] = (_flip, _cut, _insert, _copy)
