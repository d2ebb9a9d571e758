"""Processes that begin as a copy of one which has everything imported already.

`coterie serve` imports for two seconds of a processor before it does anything. A worker's nursery
does that once, and forks for each process that is asked for: what runs is the command itself, or a
script, in a process of its own with its own folder, environment and streams, as the system would
have begun it.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import IO, NoReturn

ROOT = Path(__file__).parents[2]
_MOST = 1 << 20
_running: _Nursery | None = None
_code: int | None = None
"""That with which a copy ends, once it knows."""


class Begun:
    """A command that runs, as :class:`subprocess.Popen` has it; what it prints is text.

    Parameters
    ----------
    arguments : sequence of str
        What is typed after ``coterie``; or ``-c``, a script, and its arguments.
    errors : file, optional
        Where it writes what goes aside; without one it is read at the end.
    """

    def __init__(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str],
        errors: IO[str] | None = None,
    ) -> None:  # fmt: skip
        self.returncode: int | None = None
        given: list[int] = []
        self.stdout = _pipe(given)
        self.stderr = _pipe(given) if errors is None else None
        self._ended = _pipe(given)
        if errors is not None:
            given.insert(1, os.dup(errors.fileno()))
        try:
            self.pid = _nursery().begin([*arguments], folder, {**environment}, given)
        finally:
            for each in given:
                os.close(each)

    def poll(self) -> int | None:
        """The code with which it ended, None while it runs."""
        return self._waited(0)

    def wait(self, timeout: float | None = None) -> int:
        """The code with which it ended, once it has."""
        code = self._waited(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("coterie", timeout or 0)
        return code

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """All that it still printed, and what it wrote aside, once it has ended."""
        said: dict[str, str] = {"stdout": "", "stderr": ""}

        def read(name: str, file: IO[str]) -> None:
            said[name] = file.read()

        files = {"stdout": self.stdout, "stderr": self.stderr}
        readers = [Thread(target=read, args=(n, f), daemon=True) for n, f in files.items() if f]
        for each in readers:
            each.start()
        self.wait(timeout)
        for each in readers:
            each.join()
        return said["stdout"], said["stderr"]

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Begun:
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()
        for file in (self.stdout, self.stderr):
            if file is not None:
                file.close()

    def _waited(self, seconds: float | None) -> int | None:
        if self.returncode is None and select.select([self._ended], [], [], seconds)[0]:
            self.returncode = int(self._ended.readline())
            self._ended.close()
        return self.returncode


def script(text: str, *arguments: object) -> Begun:
    """A script that runs where `tests` can be imported."""
    return Begun(["-c", text, *map(str, arguments)], ROOT, os.environ)


def ended(text: str, *arguments: object) -> int:
    """How a script ended; what it prints is shown where a test fails."""
    with script(text, *arguments) as begun:
        for said in begun.communicate():
            print(said, end="")
        return begun.wait()


def close() -> None:
    """End this process's nursery, if it has one."""
    global _running
    if _running is not None:
        _running.close()
        _running = None


def _pipe(given: list[int]) -> IO[str]:
    """The end that is read; the other one is for the child."""
    read, write = os.pipe()
    given.append(write)
    return os.fdopen(read, encoding="utf-8")


def _nursery() -> _Nursery:
    global _running
    _running = _running or _Nursery()
    return _running


class _Nursery:
    """The process that forks, as this one asks it."""

    def __init__(self) -> None:
        self._asked, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._asked.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MOST)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def begin(
        self, arguments: list[str], folder: Path, environment: dict[str, str], given: list[int]
    ) -> int:
        """The number of a new process; `given` is where it prints, writes aside, and its end."""
        said = json.dumps([arguments, str(folder), environment]).encode()
        socket.send_fds(self._asked, [said], given)
        return int(self._asked.recv(_MOST))

    def close(self) -> None:
        self._asked.close()
        self._process.wait()


# --- in the nursery ------------------------------------------------------------------------------


def tend(asked: socket.socket) -> None:
    """Fork as is asked, and tell of each child how it ended, until nobody asks any more."""
    from tests.support import kernels

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks ends the children
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    children: dict[int, int] = {}
    listened: list[int | socket.socket] = [asked, woken]
    while True:
        ready, _, _ = select.select(listened, [], [])
        if woken in ready:
            os.read(woken, _MOST)
            _told(children)
        if asked in ready:
            said, given, _, _ = socket.recv_fds(asked, _MOST, 3)
            if not said:
                break
            arguments, folder, environment = json.loads(said)
            if arguments[0] == "serve":
                kernels.loaded()
                gc.freeze()
            child = os.fork()
            if child == 0:
                asked.close()
                _be(arguments, folder, environment, given)
            asked.send(str(child).encode())
            children[child] = given.pop()
            for each in given:
                os.close(each)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _told(children: dict[int, int]) -> None:
    for child in [*children]:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            with suppress(BrokenPipeError), os.fdopen(children.pop(pid), "w") as asking:
                asking.write(f"{os.waitstatus_to_exitcode(status)}\n")


def _be(
    arguments: list[str], folder: str, environment: dict[str, str], given: list[int]
) -> NoReturn:
    """Become the command, as if it had been started here."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, there in enumerate(given[:2], 1):
        os.dup2(there, number)
    for each in given:
        os.close(each)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", closefd=False)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    if arguments[0] == "-c":
        _, text, *arguments = arguments
    else:
        text = "from coterie.cli.main import run; run()"
    sys.argv, sys.path[0] = ["-c", *arguments], ""
    main = sys.modules["__main__"] = ModuleType("__main__")
    global _code
    try:
        exec(text, vars(main))
        sys.exit(0)
    except SystemExit as ended:
        _code = ended.code if isinstance(ended.code, int) else None
        raise


def _leave() -> None:
    """End when all else is done; to take down what was imported takes longer than many commands."""
    if _code is not None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_code)


def ready() -> None:
    """Import what a server needs, and what it comes to need."""
    atexit.register(_leave)  # the first to be registered is the last to be called
    import coterie.activate.webhooks.deliverer
    import coterie.cli.main
    import coterie.server.serving  # noqa: F401
    from tests.support import early  # noqa: F401

    gc.freeze()  # no child looks again through what all of them have, but at its end
    atexit.register(gc.unfreeze)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as asking:
        ready()
        tend(asking)
