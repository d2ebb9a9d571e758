"""Pressing on a server with wrk, from processors of its own, and what it costs the server."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

EVENT_BYTES = 666
ID_BYTES = 20
LUA = Path(__file__).with_name("press.lua")
_HEAD = '{"type":"track","event":"Product Added","messageId":"'
_EVENT: dict[str, Any] = {
    "userId": "user-000123",
    "anonymousId": "507f191e-810c-1972-9de8-60ea12345678",
    "timestamp": "2026-01-02T03:04:05.678Z",
    "context": {
        "library": {"name": "analytics-python", "version": "2.3.3"},
        "page": {
            "url": "https://shop.example/products/17?utm=x", "title": "A product",
            "referrer": "https://search.example/",
        },
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
    },
    "properties": {
        "product_id": "p-17", "category": "kitchen", "price": 19.99, "quantity": 2,
        "currency": "EUR", "coupon": "SUMMER", "note": "",
    },
}  # fmt: skip


def message() -> tuple[str, str]:
    """What stands before and behind the id of a track event of 666 bytes."""

    def behind(note: str) -> str:
        properties = _EVENT["properties"] | {"note": note}
        said = json.dumps(_EVENT | {"properties": properties}, separators=(",", ":"))
        return '",' + said[1:]

    short = EVENT_BYTES - ID_BYTES - len(_HEAD) - len(behind(""))
    return _HEAD, behind("x" * short)


def cores() -> tuple[str, str]:
    """The processors of the server, which are this process's, and two others for its load.

    On a machine that has no others the load shares those of the server.
    """
    ours = sorted(os.sched_getaffinity(0))
    others = sorted(set(range(os.cpu_count() or 1)) - set(ours))[:2]
    return _listed(ours), _listed(others or ours)


def _listed(processors: list[int]) -> str:
    return ",".join(map(str, processors))


def pressed(
    port: int, key: str, batch: int, connections: int, seconds: int, pid: int
) -> dict[str, float]:
    """Requests a second that were answered rightly, their delays, and the server's processor time.

    Raises
    ------
    SystemExit
        An answer was another than ``200 {"success":true}``.
    """
    head, tail = message()
    said = os.environ | {
        "BATCH": str(batch), "HEAD": head, "TAIL": tail,
        "AUTHORIZATION": "Basic " + base64.b64encode(f"{key}:".encode()).decode(),
    }  # fmt: skip
    address = f"http://127.0.0.1:{port}/v1/{'track' if batch == 1 else 'batch'}"
    command = ["taskset", "-c", cores()[1], "wrk", "-t2", f"-c{connections}", f"-d{seconds}s",
               "-s", str(LUA), address]  # fmt: skip
    before = processor(pid)
    done = subprocess.run(command, env=said, capture_output=True, text=True, check=True)
    spent = processor(pid) - before
    found = json.loads(done.stdout.splitlines()[-1])
    if found["wrong"] or not found["right"]:
        raise SystemExit(f"the server answered wrongly: {found}")
    return {
        "requests": found["right"],
        "requests_s": found["right"] / found["seconds"],
        "events_s": found["right"] * batch / found["seconds"],
        "p50_ms": found["p50_ms"],
        "p99_ms": found["p99_ms"],
        "cpu_us_a_request": spent / found["right"] * 1e6,
    }


def processor(pid: int) -> float:
    """Seconds of processor time that a process and its children took."""
    tasks = Path(f"/proc/{pid}/task")
    said = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK")
    children = [int(one) for task in tasks.iterdir() for one in _children(task)]
    return own + sum(processor(child) for child in children)


def _children(task: Path) -> list[str]:
    return (task / "children").read_text().split()


def started(command: Sequence[str | Path], port: int, **environment: str) -> subprocess.Popen[str]:
    """A server on its own processors, once it listens."""
    server = subprocess.Popen(
        ["taskset", "-c", cores()[0], *command], env=os.environ | environment, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.05)
    server.kill()
    raise SystemExit(f"the server did not start: {server.communicate()[1]}")


def stopped(server: subprocess.Popen[str]) -> None:
    """Ask a server to stop, and wait until it did."""
    server.terminate()
    server.communicate(timeout=60)
