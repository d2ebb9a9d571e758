"""How long after an instant another program hears of the change that is due then.

Needs `coterie[serve,stream]`. A server takes events over HTTP at a steady rate and tells one
receiver, which notes when each message came: of those who are inside at once, after their event;
of those who did nothing for four seconds, after the exact end of that time, when nothing happens.
"""

from __future__ import annotations

import argparse
import base64
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from common.results import keep
from standardwebhooks import Webhook

COTERIE = Path(sys.executable).with_name("coterie")
SERVER, HOOK = 8795, 8796
WARM, LEFT = 4.0, 4.0
DEFINITIONS = """\
from coterie import event, hours, seconds, segment

added, ordered = event("Product Added"), event("Order Completed")
at_once = segment(added.any(within=hours(1)), purpose="analytics")
by_time = segment(added.without(ordered, within=seconds(4)).any(within=hours(24)),
                  purpose="analytics")
"""


def main() -> None:
    """Measure it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=20.0, help="people a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    chosen = parser.parse_args()
    with TemporaryDirectory(prefix="coterie-bench-") as folder:
        late = measured(Path(folder), chosen.rate, chosen.seconds)
    size = {"people a second": chosen.rate, "seconds": chosen.seconds}
    keep(f"webhooks-{chosen.rate:g}", size, {name: told(found) for name, found in late.items()})


def measured(folder: Path, rate: float, seconds: float) -> dict[str, list[float]]:
    """How late each message was, in milliseconds, by segment."""
    key, secret = shop(folder)
    late: dict[str, list[float]] = {"at_once": [], "by_time": []}
    with receiver(secret, late), served(folder):
        send(key, "nobody yet")
        time.sleep(WARM + LEFT)
        for found in late.values():
            found.clear()
        began = time.monotonic()
        for i in range(int(rate * seconds)):
            time.sleep(max(0.0, began + i / rate - time.monotonic()))
            send(key, f"person {i}")
        time.sleep(LEFT + 2)
    assert {len(found) for found in late.values()} == {int(rate * seconds)}
    return late


def coterie(folder: Path, *words: str) -> str:
    """What a command prints."""
    done = subprocess.run([COTERIE, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def shop(folder: Path) -> tuple[str, str]:
    """A project with a source and a destination: their key and secret."""
    coterie(folder, "init", "shop", "--recipe", "retail")
    (folder / "shop" / "definitions.py").write_text(DEFINITIONS)
    with (folder / "shop" / "coterie.toml").open("a") as settings:
        settings.write('\n[webhooks]\nallow = ["127.0.0.0/8"]\n')
    secret = coterie(
        folder, "destinations", "add", "-p", "shop", "crm", "--url", f"http://127.0.0.1:{HOOK}/",
        "--segment", "at_once", "--segment", "by_time",
    )  # fmt: skip
    return coterie(folder, "sources", "add", "-p", "shop", "web"), secret


@contextmanager
def served(folder: Path) -> Iterator[None]:
    """The server, ready and stopped."""
    server = subprocess.Popen(
        [COTERIE, "serve", "-p", "shop", "--port", str(SERVER)], cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    try:
        server.stdout.readline()
        yield
    finally:
        server.terminate()
        server.wait()


@contextmanager
def receiver(secret: str, late: dict[str, list[float]]) -> Iterator[None]:
    """Verifies each message, and notes how late it is."""

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Take a message in."""
            now = datetime.now(UTC)
            body = self.rfile.read(int(self.headers["content-length"]))
            said = Webhook(secret).verify(body, dict(self.headers))
            passed = now - datetime.fromisoformat(said["timestamp"])
            late[said["data"]["segment"]].append(passed.total_seconds() * 1000)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *said: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", HOOK), Receiver)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()


def send(key: str, who: str) -> None:
    """Somebody puts something in the cart, now."""
    said = {"event": "Product Added", "userId": who, "timestamp": datetime.now(UTC).isoformat()}
    request = urllib.request.Request(
        f"http://127.0.0.1:{SERVER}/v1/track", json.dumps(said).encode(),
        {"Authorization": f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"},
    )  # fmt: skip
    with urllib.request.urlopen(request) as answer:
        answer.read()


def told(late: list[float]) -> dict[str, float]:
    """Milliseconds: half of them, 99 of a hundred, and all."""
    ordered = sorted(late)
    return {
        "p50 ms": round(ordered[len(ordered) // 2], 1),
        "p99 ms": round(ordered[int(len(ordered) * 0.99)], 1),
        "most ms": round(ordered[-1], 1),
    }


if __name__ == "__main__":
    main()
