"""What is left of REST 1.0: four resources, kept because 2.0 never got them; `ROUTES` is all that is served.

Sources: deprecation-notice-v1-apis (everything else ended on 29 April 2019) and the four pages that the modules name.
Nothing is paged, and errors are plain text. What ended answers 410 with the body that clients quote in their issues
(nixjobin/bitbucket-backup #5, GothenburgBitFactory/bugwarrior #694).
"""

from __future__ import annotations

import json

from flask import Response

from simulator.rest.errors import ApiError
from simulator.rest.v1 import group_privileges, groups, invitations, user_invitations

_FAMILIES = (groups, group_privileges, invitations, user_invitations)
_NOTICE = "https://developer.atlassian.com/cloud/bitbucket/deprecation-notice-v1-apis/"

ROUTES = [route for family in _FAMILIES for route in family.routes.entries]


def ended() -> ApiError:
    """410 for every other address."""
    detail = (
        "This API is no longer supported.\n\nFor information about its removal, please refer to the deprecation notice "
        f"at: {_NOTICE}"
    )
    return ApiError(410, "Resource removed", detail=detail)


def refusal(error: ApiError) -> Response:
    """An error as 1.0 writes it."""
    if error.status == 410:
        return Response(json.dumps(error.body()), 410, content_type="application/json; charset=utf-8")
    wrong = [f"{name}: {what}" for name, what in (error.fields or {}).items()]
    text = "\n".join(wrong or [error.message])
    return Response(text, error.status, dict(error.headers), content_type="text/plain; charset=utf-8")
