"""Results as data beside the code, and as a few lines to read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common.machine import machine

RESULTS = Path(__file__).parents[1] / "results"


def keep(name: str, size: Mapping[str, Any], measured: Mapping[str, Any]) -> None:
    """Write ``results/<name>.json``, and print what was measured."""
    RESULTS.mkdir(exist_ok=True)
    body = {"benchmark": name, "size": dict(size), "machine": machine(), **measured}
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n")
    print(f"{name}: {', '.join(f'{key} {value}' for key, value in size.items())}")
    for line in _lines(measured):
        print(f"  {line}")
    print(f"  kept in {path}")


def _lines(measured: Mapping[str, Any]) -> list[str]:
    found = []
    for title, values in measured.items():
        if not isinstance(values, Mapping):
            found.append(f"{title}: {values}")
            continue
        for name, value in values.items():
            found.append(f"{title}: {name:<34} {_shown(value)}")
    return found


def _shown(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    if "median" in value:
        return f"{value['median']:.3g} ({value['least']:.3g} to {value['most']:.3g})"
    return "  ".join(f"{name} {_shown(each)}" for name, each in value.items())
