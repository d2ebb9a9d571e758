"""The demonstration served: its people go on shopping, and their events arrive over HTTP."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import coterie
from tests.support.ports import free_port

COMMAND = Path(sys.executable).with_name("coterie")
PATIENCE = 180.0


def status(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/status", timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def test_shop_goes_on_until_ctrl_c(tmp_path: Path) -> None:
    """More events are stored as time passes, none is refused, and what was kept equals SQL."""
    port = free_port()
    sized = ["--people", "300", "--months", "3", "--speed", "20000", "--port", str(port)]
    # a background job of a shell ignores Ctrl-C, and so would the process that it starts
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    code += "from coterie.cli.main import run; run()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "demo", tmp_path / "demo", "--serve", *sized],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    said = ""
    while not said.startswith("Serving"):
        said = process.stdout.readline()
        assert said or process.poll() is None, process.communicate()[1]
    first = status(port)
    end = time.monotonic() + PATIENCE
    while status(port)["stored"] < first["stored"] + 50 and time.monotonic() < end:
        time.sleep(0.2)
    last = status(port)
    process.send_signal(signal.SIGINT)
    _, logged = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, logged
    assert last["stored"] >= first["stored"] + 50
    assert last["quarantined"] == 0
    with coterie.open(tmp_path / "demo") as cdp:
        assert cdp.status().balanced
        assert cdp.stream.verify().equal
