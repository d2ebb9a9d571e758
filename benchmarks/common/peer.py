"""The peer of the collector: the same addresses in FastAPI, as they are written by hand.

Each worker appends to a file of its own and answers when the bytes are on disk. With ``GROUP=1``
all requests that wait share one fdatasync, as the collector's do; without, each has its own.
"""

from __future__ import annotations

import asyncio
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from pydantic import BaseModel

KEY = os.environ["KEY"]
FILE = os.open(
    Path(os.environ["FOLDER"]) / f"{os.getpid()}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND
)
GROUP = os.environ["GROUP"] == "1"
app = FastAPI()


class Track(BaseModel):
    """A message."""

    type: str
    event: str
    messageId: str  # noqa: N815 - as it is sent
    userId: str | None = None  # noqa: N815
    anonymousId: str | None = None  # noqa: N815
    timestamp: datetime
    context: dict[str, Any] = {}
    properties: dict[str, Any] = {}


class Batch(BaseModel):
    """Some messages."""

    batch: list[Track]


class Commits:
    """One write and one fdatasync for all that came meanwhile."""

    def __init__(self) -> None:
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def keep(self, body: bytes) -> None:
        """Return when it is on disk."""
        told = asyncio.get_running_loop().create_future()
        self._waiting.append((body, told))
        if self._task is None:
            self._task = asyncio.create_task(self._write())
        await told

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting, []
            await loop.run_in_executor(None, kept, b"".join(body + b"\n" for body, _ in group))
            for _, told in group:
                told.set_result(None)
        self._task = None


def kept(said: bytes) -> None:
    """On disk when it returns."""
    os.write(FILE, said)
    os.fdatasync(FILE)


COMMITS = Commits()


def known(credentials: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> str:
    """Whose write key it is."""
    if credentials.username != KEY:
        raise HTTPException(401)
    return "web"


async def keep(request: Request) -> None:
    """The body, on disk."""
    body = await request.body()
    if GROUP:
        await COMMITS.keep(body)
    else:
        await asyncio.get_running_loop().run_in_executor(None, kept, body + b"\n")


@app.post("/v1/track")
async def track(
    message: Track, request: Request, source: Annotated[str, Depends(known)]
) -> dict[str, bool]:
    """One message."""
    await keep(request)
    return {"success": True}


@app.post("/v1/batch")
async def batch(
    messages: Batch, request: Request, source: Annotated[str, Depends(known)]
) -> dict[str, bool]:
    """Some messages."""
    await keep(request)
    return {"success": True}
