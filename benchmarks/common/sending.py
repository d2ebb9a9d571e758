"""A sender of its own: requests at a steady rate, as a shop's pages would send them."""

from __future__ import annotations

import base64
import http.client
import json
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Thread

CONNECTIONS = 8


def people(seed: int, n: int, among: int) -> Iterator[int]:
    """Whose each event is, by number: the same for whoever knows the seed."""
    draw = random.Random(seed)
    return (draw.randrange(among) for _ in range(n))


def send(
    port: int, key: str, began: float, rate: int, each: int, n: int, among: int, seed: int
) -> None:
    """Send `n` events, `each` of them in a request, so that each request leaves at its instant."""
    whose = [*people(seed, n, among)]
    authorization = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": authorization}

    def requests(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for i in range(first * each, n, CONNECTIONS * each):
            at = began + i / rate
            body = _body(seed, whose, i, min(i + each, n), at)
            time.sleep(max(0.0, at - time.time()))
            connection.request("POST", "/v1/batch", body, headers)
            answer = connection.getresponse()
            if answer.read() and answer.status != 200:
                raise SystemExit(f"the server answered {answer.status}")

    threads = [Thread(target=requests, args=[first]) for first in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _body(seed: int, whose: list[int], first: int, last: int, at: float) -> bytes:
    said = datetime.fromtimestamp(at, UTC).isoformat()
    batch = [
        {
            "type": "track", "messageId": f"{seed}-{i}", "userId": f"shopper-{whose[i]}",
            "timestamp": said, "event": ("Product Viewed", "Product Added")[i % 2],
            "properties": {
                "product_id": f"sku-{i % 2_000}", "category": f"Department {i % 12}",
                "name": f"Thing {i % 2_000}", "price": 19.99, "quantity": 1,
            },
        }
        for i in range(first, last)
    ]  # fmt: skip
    return json.dumps({"batch": batch}).encode()


if __name__ == "__main__":
    port, key, began, *numbers = sys.argv[1:]
    send(int(port), key, float(began), *map(int, numbers))
