"""The page of errors: every code of an error, and every reason of the quarantine."""

from __future__ import annotations

from collections.abc import Iterator

from coterie import errors as tree
from coterie.collect.gate import REASONS
from tools.reference import docstrings

ABOUT = """\
An error says what is wrong, where, what was found, what would have been accepted, and a hint; it
never holds a personal value. `code` is stable, `status` is that of an HTTP answer. On the command
line an error ends the command with exit code 1, a question that nobody is there to answer with 2,
and Ctrl-C with 130."""

FATES = """\
Rows and events that cannot be stored are kept in quarantine, each with one of these reasons; see
[importing](../importing.md#quarantine)."""


def page() -> str:
    """The page."""
    codes = [
        f"## `{error.code}`\n\n{docstrings.prose(error)}\n\n"
        f"Class `{error.__name__}`, status {error.status}."
        for error in classes()
    ]
    reasons = [f"### `{reason}`\n\n{_sentence(told)}" for reason, told in REASONS.items()]
    return docstrings.page("Errors", ABOUT, *codes, "## Reasons of the quarantine", FATES, *reasons)


def classes() -> Iterator[type[tree.CoterieError]]:
    """Every class of error, in the order of the tree."""
    yield from _below(tree.CoterieError)


def _below(error: type[tree.CoterieError]) -> Iterator[type[tree.CoterieError]]:
    yield error
    for sub in error.__subclasses__():
        if sub.__module__ == tree.__name__:
            yield from _below(sub)


def _sentence(told: str) -> str:
    return f"{told[:1].upper()}{told[1:]}."
