"""How many events the collector acknowledges: each is on disk, sealed, before it is answered.

Needs `coterie[serve]` and wrk (`sudo apt-get install wrk`). The server has two processors and its
load two others, where the machine has them. Beside it, in turns, the same addresses in FastAPI on
uvicorn with two workers, which append to a file and fdatasync, all that wait together or each
alone; it is installed into `build/benchmarks/peer`. Afterwards all that was acknowledged must be in
the inbox.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from common.events import DATA
from common.press import EVENT_BYTES, cores, pressed, started, stopped
from common.results import keep
from common.rounds import spread

from coterie.project import Project
from coterie.project import folder as folders
from coterie.project.folder import create
from coterie.storage.inbox import Waiting

SHOP, PEER = DATA / "collector", DATA / "peer"
PEERS = ("fastapi", "uvicorn", "uvloop", "httptools", "pydantic")
CONNECTIONS = {1: 256, 100: 32}
"""Events of a request -> how many connections send them."""

Sizes = dict[str, dict[str, float]]


def main() -> None:
    """Measure it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=3, help="of each load")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if shutil.which("wrk") is None:
        print("nothing was measured: wrk is not installed: sudo apt-get install wrk")
        return
    _install()
    contenders: dict[str, Callable[[int, int], dict[str, float]]] = {
        "coterie": _coterie, "peer": _grouped, "peer, each its own fdatasync": _alone,
    }  # fmt: skip
    found: dict[str, list[dict[str, float]]] = {}
    synced = _synced()
    for i in range(chosen.rounds):
        names = list(contenders)
        for name in names[i % 3 :] + names[: i % 3]:
            for batch in CONNECTIONS:
                title = f"{name}, {batch} a request"
                found.setdefault(title, []).append(contenders[name](batch, chosen.seconds))
                print(title, {n: round(v, 2) for n, v in found[title][-1].items()}, flush=True)
    size = {"seconds": chosen.seconds, "rounds": chosen.rounds, "event_bytes": EVENT_BYTES}
    keep(f"collector-{chosen.seconds}s", size, _measured(found, synced))


def _measured(found: dict[str, list[dict[str, float]]], synced: float) -> dict[str, Any]:
    names = ("requests_s", "events_s", "p50_ms", "p99_ms", "cpu_us_a_request")
    ratios = {}
    for batch in CONNECTIONS:
        ours = found[f"coterie, {batch} a request"]
        for peer in ("peer", "peer, each its own fdatasync"):
            theirs = found[f"{peer}, {batch} a request"]
            pairs = zip(ours, theirs, strict=True)
            ratios[f"coterie / {peer}, {batch} a request"] = spread(
                [a["requests_s"] / b["requests_s"] for a, b in pairs]
            )
    return {
        **{
            title: {n: spread([r[n] for r in each]) for n in names} for title, each in found.items()
        },
        "ratio of requests a second": ratios,
        "fdatasync of 4 KiB a second": round(synced),
        "processors of the server and of its load": " and ".join(cores()),
        "versions of servers": {n: version(n) for n in ("granian", "msgspec", "cryptography")}
        | _peers(),
        "published": "RudderStack: 1,700 requests a second on two cores",
    }


def _coterie(batch: int, seconds: int) -> dict[str, float]:
    shutil.rmtree(SHOP, ignore_errors=True)
    create(SHOP)
    with Project(SHOP) as project:
        _, key = project.sources.add("web")
    port = _port()
    command = [Path(sys.executable).with_name("coterie"), "serve", "-p", SHOP, "--role", "collect",
               "--port", str(port)]  # fmt: skip
    server = started(command, port)
    found = pressed(port, key, batch, CONNECTIONS[batch], seconds, server.pid)
    stopped(server)
    if _kept() < found["requests"]:
        raise SystemExit("requests were acknowledged and are not there")
    shutil.rmtree(SHOP)
    return found


def _kept() -> int:
    """How many requests can be read out of the inbox."""
    with Project(SHOP) as project:
        key = project.pseudonymiser.inbox_key
    waiting, n = Waiting(SHOP / folders.DATA / folders.INBOX, key), 0
    while requests := waiting.read(n):
        n = requests[-1].number
    return n


def _grouped(batch: int, seconds: int) -> dict[str, float]:
    return _peer(batch, seconds, "1")


def _alone(batch: int, seconds: int) -> dict[str, float]:
    return _peer(batch, seconds, "0")


def _peer(batch: int, seconds: int, group: str) -> dict[str, float]:
    folder = PEER / "kept"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    port = _port()
    command = [PEER / "bin" / "uvicorn", "peer:app", "--app-dir", Path(__file__).parent / "common",
               "--workers", "2", "--port", str(port), "--no-access-log"]  # fmt: skip
    server = started(command, port, FOLDER=str(folder), KEY="key", GROUP=group)
    time.sleep(2)  # the second worker
    found = pressed(port, "key", batch, CONNECTIONS[batch], seconds, server.pid)
    stopped(server)
    lines = sum(1 for file in folder.iterdir() for _ in file.open("rb"))
    if lines < found["requests"]:
        raise SystemExit("the peer answered what it did not keep")
    shutil.rmtree(folder)
    return found


def _install() -> None:
    if not (PEER / "bin" / "uvicorn").exists():
        subprocess.run([sys.executable, "-m", "venv", PEER], check=True)
        wanted = ["fastapi", "uvicorn[standard]"]
        subprocess.run([PEER / "bin" / "pip", "install", "-q", *wanted], check=True)


def _peers() -> dict[str, str]:
    """The versions of what the peer is made of."""
    code = f"from importlib.metadata import version\nfor n in {PEERS}: print(n, version(n))"
    command = [PEER / "bin" / "python", "-c", code]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(line.split() for line in said.splitlines())


def _synced() -> float:
    """How often a second this disk takes 4 KiB behind the end of a file."""
    path = DATA / "synced"
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    n, end = 0, time.monotonic() + 1
    while time.monotonic() < end:
        os.write(file, bytes(4096))
        os.fdatasync(file)
        n += 1
    os.close(file)
    path.unlink()
    return n


def _port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main()
