"""Logs: one JSON object a line, of names and numbers; nothing that a request said is in them."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO, cast

import msgspec
import structlog
from structlog.typing import FilteringBoundLogger

__all__ = ["FilteringBoundLogger", "foreign", "logger", "place"]


def logger(stream: TextIO) -> FilteringBoundLogger:
    """What writes lines to a stream; one that cannot be written is lost, and no reason to end.

    Examples
    --------
    >>> import io, json
    >>> out = io.StringIO()
    >>> logger(out).info("started", role="api")
    >>> said = json.loads(out.getvalue())
    >>> said["event"], said["level"], said["role"]
    ('started', 'info', 'api')
    """
    return structlog.wrap_logger(  # type: ignore[no-any-return]
        structlog.PrintLogger(cast(TextIO, _Forgiving(stream))),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


class _Forgiving:
    """A stream whose failures are nobody's: the disk that logs go to may be full."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write what can be written."""
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        """Pass on what can be passed on."""
        with suppress(OSError):
            self._stream.flush()


def _line(said: dict[str, object], **options: object) -> str:
    return msgspec.json.encode(said, enc_hook=lambda value: type(value).__name__).decode()


def place(failure: BaseException) -> str:
    """Where an error came from, as in ``live.py:214``; its words may hold values and are not said.

    Examples
    --------
    >>> place(ValueError("ann@example.com"))
    ''
    """
    frames = traceback.extract_tb(failure.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


class _Foreign(logging.Handler):
    """Takes what libraries log: who warned, and of which kind of error, never their words.

    Parameters
    ----------
    log : FilteringBoundLogger
    """

    def __init__(self, log: FilteringBoundLogger) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        error = record.exc_info[0] if record.exc_info else None
        kind = {} if error is None else {"error": error.__name__}
        self._log.warning("library", library=record.name, severity=record.levelname, **kind)


@contextmanager
def foreign(log: FilteringBoundLogger) -> Iterator[None]:
    """Have what libraries log written here, without their words."""
    handler, root = _Foreign(log), logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
