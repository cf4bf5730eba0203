"""Bitbucket's error bodies.

Recorded in ../shared/bitbucket/rest/error-*: 403 with the scopes in `detail`, 404 for an unknown address, 400 with
`fields`, 410 with the announcement twice, 429 in plain text. The envelope is the schema `error` of the description.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.world import errors as world_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

CHANGELOG = "https://developer.atlassian.com/cloud/bitbucket/changelog#"


class ApiError(Exception):
    """An answer that is an error: `status` and a body in Bitbucket's shape."""

    def __init__(  # noqa: PLR0913 - keyword-only, and each is a fact of its own
        self,
        status: int,
        message: str,
        *,
        detail: object = None,
        fields: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.detail = detail
        self.fields = fields
        self.data = data
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The JSON answer."""
        rest = {"detail": self.detail, "fields": self.fields, "data": self.data}
        error = {"message": self.message} | {name: value for name, value in rest.items() if value}
        body: dict[str, Any] = {"type": "error", "error": error}
        if self.data:
            body["data"] = self.data
        return body


def not_found(message: str) -> ApiError:
    """404 for a thing that is not there, or that the caller may not know of."""
    return ApiError(404, message)


def no_such_address() -> ApiError:
    """404 for an address that the API does not have (error-noapi.gildas.json)."""
    return ApiError(404, "Resource not found", detail="There is no API hosted at this URL")


def bad_request(message: str = "Bad request", **fields: object) -> ApiError:
    """400, with the culprits by name (error-badrequest.gildas.json)."""
    return ApiError(400, message, fields=fields or None)


def unauthorized(message: str = "Token is invalid, expired, or not supported for this endpoint.") -> ApiError:
    """401. No body of one was found recorded (rest-api.md, Not found); this one is what clients quote."""
    return ApiError(401, message, headers={"WWW-Authenticate": 'Basic realm="Bitbucket.org HTTP"'})


def login_required() -> ApiError:
    """401 for an anonymous caller of something that needs a user."""
    return unauthorized("This endpoint requires authentication.")


def lacks_scopes(required: Collection[str], granted: Collection[str]) -> ApiError:
    """403 for a credential without the scopes (error-privileges.gildas.json)."""
    detail = {"required": list(required), "granted": list(granted)}
    return ApiError(403, "Your credentials lack one or more required privilege scopes.", detail=detail)


def forbidden(message: str = "You do not have access to view this resource.") -> ApiError:
    """403 for a user without the permission."""
    return ApiError(403, message)


def gone(change: str = "CHANGE-2770") -> ApiError:
    """410 for what was removed (error-gone-410.thread.json)."""
    return ApiError(
        410,
        f"{change} - Functionality has been deprecated",
        detail="Please read the changelog entry for more details.",
        data={"announcement_url": f"{CHANGELOG}{change}"},
    )


def from_world(error: world_errors.WorldError) -> ApiError:
    """The answer that says what the world refused."""
    if isinstance(error, world_errors.Invalid):
        return ApiError(400, error.message, fields=error.fields)
    statuses: dict[type, int] = {world_errors.Missing: 404, world_errors.Forbidden: 403, world_errors.Conflict: 409}
    return ApiError(statuses.get(type(error), 500), error.message)
