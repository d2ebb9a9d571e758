"""Errors as RFC 9457 says them: a status, a stable code, and words without values."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

MEDIA = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a request was not answered (RFC 9457).

    Parameters
    ----------
    title, status
        Of the status.
    code : str
        Stable, for programs.
    detail : str
        For people; no value of the request is in it.
    """

    title: str
    status: int
    code: str
    detail: str = ""


class Refused(Exception):
    """A request that is not answered.

    Parameters
    ----------
    status : int
    code : str
    detail : str
        Without any value of the request.
    """

    def __init__(self, status: int, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.problem = Problem(HTTPStatus(status).phrase, status, code, detail)

    @property
    def body(self) -> bytes:
        """The answer's body."""
        return msgspec.json.encode(self.problem)

    @property
    def headers(self) -> dict[str, str]:
        """What goes with it: 401 says what is missing, 503 when to come again."""
        more = {401: {"www-authenticate": "Bearer"}, 503: {"retry-after": "1"}}
        return {"cache-control": "no-store"} | more.get(self.problem.status, {})


STRANGER = Refused(
    401, "unauthorized", "a token is needed: Authorization: Bearer, as `coterie tokens add` prints"
)
NO_TOKEN = Refused(401, "unauthorized", "this opens nothing here: a token that works is needed")
FOREIGN = Refused(
    403, "foreign", "without a token only pages and programs of this machine are answered"
)
UNKNOWN = Refused(404, "unknown_person", "nobody is known by this id")
NOWHERE = Refused(404, "not_found", "there is nothing here")
NO_METHOD = Refused(405, "method", "another method is needed")
MISTAKEN = Refused(400, "mistaken", "a parameter cannot be read")
FAILED = Refused(500, "failed", "this could not be answered")
BUSY = Refused(503, "unavailable", "too many questions wait, or the server stops; come again")
UNREADY = Refused(503, "not_ready", "this is not known yet; come again")
