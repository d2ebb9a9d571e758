"""How long a look-up of a profile takes over HTTP, at 5,000 requests a second.

Needs `coterie[serve,stream]`, redis-server (`sudo apt-get install redis-server`) and four
processors: the server has two of them, its load the others. Beside it, in turns, the same answers
out of Redis by FastAPI on uvicorn with two workers, all of them on the same two processors; it is
installed into `build/benchmarks/lookup`. Delays are measured from when a request was due, so that
they hold what the load was late itself, which is shown beside them (`late`).
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from common.events import DATA
from common.press import cores, processor, started, stopped
from common.results import keep
from common.rounds import spread
from common.traffic import copied

COMMON = Path(__file__).parent / "common"
PEER = DATA / "lookup"
PEERS = ("fastapi", "uvicorn", "uvloop", "httptools", "redis", "hiredis")
SHOWN = ("p50_ms", "p90_ms", "p99_ms", "p999_ms", "most_ms", "late_p50_ms", "late_p99_ms",
         "late_most_ms", "cpu_us_a_request")  # fmt: skip
AIM = "p99 under 3 ms at 5,000 requests a second on two cores"


def main() -> None:
    """Measure it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=5_000, help="requests a second")
    parser.add_argument("--seconds", type=int, default=20, help="of each load")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if shutil.which("redis-server") is None:
        raise SystemExit("Redis is not installed: sudo apt-get install redis-server")
    _install()
    folder = copied(chosen.people, DATA / "profiles")
    draw = random.Random(7)
    ids = [f"shopper-{draw.randrange(chosen.people)}" for _ in range(20_000)]
    found: dict[str, list[dict[str, float]]] = {"coterie": [], "redis and fastapi": []}
    for _ in range(chosen.rounds):
        measured, answers = _coterie(folder, ids, chosen)
        found["coterie"].append(measured)
        print("coterie", _short(measured), flush=True)
        found["redis and fastapi"].append(_peer(answers, ids, chosen))
        print("redis and fastapi", _short(found["redis and fastapi"][-1]), flush=True)
    shutil.rmtree(folder)
    size = {"people": chosen.people, "rate": chosen.rate, "connections": chosen.connections,
            "seconds": chosen.seconds, "rounds": chosen.rounds}  # fmt: skip
    keep(f"profiles-{chosen.rate}", size, _measured(found))


def _measured(found: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    pairs = list(zip(found["coterie"], found["redis and fastapi"], strict=True))
    return {
        **{
            title: {name: spread([one[name] for one in each]) for name in SHOWN}
            for title, each in found.items()
        },
        "ratio": {
            f"coterie / redis and fastapi, {name}": spread([a[name] / b[name] for a, b in pairs])
            for name in ("p50_ms", "p99_ms", "cpu_us_a_request")
        },
        "aim": AIM,
        "versions of servers": {n: version(n) for n in ("granian", "msgspec")} | _peers(),
    }


def _coterie(
    folder: Path, ids: Sequence[str], chosen: argparse.Namespace
) -> tuple[dict[str, float], dict[str, bytes]]:
    """What was measured, and what was answered about each person."""
    port = _port()
    command = [Path(sys.executable).with_name("coterie"), "serve", "-p", folder,
               "--port", str(port)]  # fmt: skip
    server = started(command, port)
    _ready(port)
    answers = _asked(port, ids)
    found = _pressed(port, ids, chosen, [server.pid])
    stopped(server)
    return found, answers


def _peer(
    answers: dict[str, bytes], ids: Sequence[str], chosen: argparse.Namespace
) -> dict[str, float]:
    port, store = _port(), _port()
    redis = started(["redis-server", "--port", str(store), "--save", ""], store)
    _fill(store, answers)
    command = [PEER / "bin" / "uvicorn", "lookup:app", "--app-dir", COMMON, "--workers", "2",
               "--port", str(port), "--no-access-log"]  # fmt: skip
    server = started(command, port, REDIS=str(store))
    time.sleep(2)  # the second worker
    if json.loads(_asked(port, ids[:1])[ids[0]]) != json.loads(answers[ids[0]]):
        raise SystemExit("the peer answers something else")
    found = _pressed(port, ids, chosen, [server.pid, redis.pid])
    stopped(server)
    stopped(redis)
    return found


def _pressed(
    port: int, ids: Sequence[str], chosen: argparse.Namespace, pids: Sequence[int]
) -> dict[str, float]:
    command = ["taskset", "-c", cores()[1], PEER / "bin" / "python", COMMON / "paced.py", str(port),
               str(chosen.rate), str(chosen.seconds), str(chosen.connections)]  # fmt: skip
    before = sum(map(processor, pids))
    paths = "\n".join(f"/v1/profiles/{each}" for each in ids)
    done = subprocess.run(command, input=paths, capture_output=True, text=True, check=True)
    spent = sum(map(processor, pids)) - before
    found: dict[str, float] = json.loads(done.stdout)
    if found["wrong"]:
        raise SystemExit(f"the server answered wrongly: {found}")
    return found | {"cpu_us_a_request": spent / found["asked"] * 1e6}


def _ready(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for _ in range(6_000):
        connection.request("GET", "/ready")
        reply = connection.getresponse()
        reply.read()
        if reply.status == 200:
            return
        time.sleep(0.01)
    raise SystemExit("the server is never ready")


def _asked(port: int, ids: Sequence[str]) -> dict[str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    found = {}
    for each in dict.fromkeys(ids):
        connection.request("GET", f"/v1/profiles/{each}")
        found[each] = connection.getresponse().read()
    return found


def _fill(port: int, answers: dict[str, bytes]) -> None:
    """Have Redis hold what was answered: a hash for each person, a field for each part."""
    commands = [
        ["HSET", person, *(part for name, value in json.loads(body).items()
                           for part in (name, json.dumps(value)))]
        for person, body in answers.items()
    ]  # fmt: skip
    said = b"".join(map(_spoken, commands))
    pipe = ["redis-cli", "-p", str(port), "--pipe"]
    subprocess.run(pipe, input=said, stdout=subprocess.DEVNULL, check=True)


def _spoken(command: Sequence[str]) -> bytes:
    """A command as Redis reads it."""
    parts = [part.encode() for part in command]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(p), p) for p in parts)


def _install() -> None:
    if not (PEER / "bin" / "uvicorn").exists():
        subprocess.run([sys.executable, "-m", "venv", PEER], check=True)
        wanted = ["fastapi", "uvicorn[standard]", "redis[hiredis]"]
        subprocess.run([PEER / "bin" / "pip", "install", "-q", *wanted], check=True)


def _peers() -> dict[str, str]:
    """The versions of what the peer is made of."""
    code = f"from importlib.metadata import version\nfor n in {PEERS}: print(n, version(n))"
    command = [PEER / "bin" / "python", "-c", code]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    redis = subprocess.run(
        ["redis-server", "--version"], capture_output=True, text=True, check=True
    )
    return dict(line.split() for line in said.splitlines()) | {
        "redis-server": redis.stdout.partition("v=")[2].partition(" ")[0]
    }


def _short(found: dict[str, float]) -> dict[str, float]:
    return {name: round(found[name], 2) for name in SHOWN}


def _port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main()
