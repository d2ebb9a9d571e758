"""Docstrings in the numpy style, as Markdown."""

from __future__ import annotations

import inspect
import re
from typing import Any, NamedTuple

NOTE = "<!-- Written by `python -m tools.reference`; edit the docstrings instead. -->"
SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)
ROLE = re.compile(r":\w+:`~?([^`]*)`")


class Doc(NamedTuple):
    """A docstring in parts."""

    first: str
    """The first line: the meaning."""
    rest: str
    """What follows it, before the first section."""
    sections: dict[str, str]

    def items(self, section: str) -> dict[str, str]:
        """Name -> text of a section that lists names, such as Parameters."""
        found: dict[str, str] = {}
        names: list[str] = []
        for line in self.sections.get(section, "").splitlines():
            if line and not line.startswith(" "):
                names = [name.strip() for name in line.partition(" : ")[0].split(",")]
            for name in names:
                told = line.strip() if line.startswith(" ") else ""
                found[name] = f"{found.get(name, '')} {told}".strip()
        return found


def doc(of: Any) -> Doc:
    """The docstring of an object."""
    text = ROLE.sub(r"`\1`", inspect.getdoc(of) or "").replace("``", "`")
    head, *parts = SECTION.split(re.sub(r"(?<=\S)::$", ":", text, flags=re.MULTILINE))
    first, _, rest = head.strip().partition("\n\n")
    sections = {name: body.strip("\n") for name, body in zip(parts[::2], parts[1::2], strict=True)}
    return Doc(" ".join(first.split()), rest.strip(), sections)


def page(title: str, *blocks: str) -> str:
    """A whole page: the title, and what is not empty under it."""
    return "\n\n".join([f"# {title}", NOTE, *filter(None, (b.strip("\n") for b in blocks))]) + "\n"


def prose(of: Any, *sections: str) -> str:
    """The meaning, what follows it, and these sections, as paragraphs."""
    told = doc(of)
    parts = [told.first, told.rest]
    for name in sections:
        items = told.items(name) if name == "Parameters" else {}
        if items:
            parts.append(_listed(items))
        elif name == "Raises" and name in told.sections:
            raised = told.items(name).items()
            parts.append("\n".join(f"- raises `{item}`. {text}".rstrip() for item, text in raised))
        elif name in told.sections:
            parts.append(told.sections[name])
    return "\n\n".join(filter(None, parts))


def _listed(items: dict[str, str]) -> str:
    """One line for each text; names that are explained together stand together."""
    together: dict[str, list[str]] = {}
    for item, text in items.items():
        together.setdefault(text, []).append(f"`{item}`")
    return "\n".join(f"- {', '.join(names)}: {text}" for text, names in together.items() if text)


def table(*rows: tuple[str, ...]) -> str:
    """A table; the first row is its head, and without another row there is none."""
    if len(rows) < 2:
        return ""
    said = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    rule = " | ".join("---" for _ in rows[0])
    return "\n".join(f"| {line} |" for line in (said[0], rule, *said[1:]))
