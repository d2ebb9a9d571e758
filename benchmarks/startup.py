"""How long a user waits for `import coterie` and for `coterie --help`: the best of five."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path


def best(command: list[str], rounds: int = 5) -> float:
    """The shortest wall time of `command`, in milliseconds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - started)
    return min(times) * 1000


def main() -> None:
    """Print each start-up beside that of Python itself."""
    command = str(Path(sys.executable).with_name("coterie"))
    cases = {
        "python alone": [sys.executable, "-c", ""],
        "import coterie": [sys.executable, "-c", "import coterie"],
        "coterie --help": [command, "--help"],
    }
    for name, arguments in cases.items():
        print(f"{name:<16}{best(arguments):8.0f} ms")


if __name__ == "__main__":
    main()
