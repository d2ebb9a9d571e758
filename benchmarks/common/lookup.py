"""The peer of profile look-ups: a hash of Redis for each person, answered by FastAPI as JSON.

It knows nothing of identities, purposes or deadlines: what it answers was written there before.
"""

from __future__ import annotations

import json
import os
from typing import Any

import redis.asyncio as redis
from fastapi import FastAPI, HTTPException

app = FastAPI()
store = redis.Redis(port=int(os.environ["REDIS"]), decode_responses=True)


@app.get("/v1/profiles/{person}")
async def profile(person: str) -> dict[str, Any]:
    """One person."""
    found = await store.hgetall(person)
    if not found:
        raise HTTPException(404)
    return {name: json.loads(value) for name, value in found.items()}
