"""Our JSON routes as OpenAPI describes them: what may be sent, and every answer that may come of it. For tests; we serve it nowhere.

The descriptor is the contract with Bitbucket. This says what else may be relied on: the statuses, that an error is a code and a
sentence, and what stands in the files of figures that pages offer. Who asks for a file is a browser: it is told of errors by a page.
"""

from __future__ import annotations

ERROR = {
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "additionalProperties": False,
            "properties": {
                "code": {"type": "string", "pattern": "^[a-z_]+$"},
                "message": {"type": "string", "minLength": 1},
                "request_id": {"type": "string"},
            },
        }
    },
}
UUID = {"type": "string", "pattern": r"^\{?[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\}?$"}
PRINCIPAL = {
    "type": "object",
    "required": ["type", "uuid"],
    "properties": {
        "type": {"enum": ["team", "workspace", "user"]},
        "uuid": UUID,
        "display_name": {"type": "string"},
        "username": {"type": "string"},
    },
}
LIFECYCLE = {
    "type": "object",
    "required": ["productType", "key", "clientKey", "principal"],
    "properties": {
        "productType": {"enum": ["bitbucket", "jira"]},
        "eventType": {"enum": ["installed", "uninstalled"]},
        "key": {"enum": ["bittern", "other"]},
        "clientKey": {"type": "string", "minLength": 1, "maxLength": 300},
        "baseUrl": {"enum": ["https://bitbucket.org", "http://127.0.0.1:9"]},
        "baseApiUrl": {"enum": ["https://api.bitbucket.org", "http://127.0.0.1:9"]},
        "sharedSecret": {"type": "string", "maxLength": 300},
        "principal": PRINCIPAL,
        "actor": {"type": "object", "properties": {"uuid": UUID}},
    },
}
WEBHOOK = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"enum": ["repo:push", "repo:updated", "pullrequest:created", "nobody:heard"]},
        "data": {
            "type": "object",
            "properties": {
                "actor": {"type": "object"},
                "repository": {
                    "type": "object",
                    "properties": {"uuid": UUID, "full_name": {"type": "string"}, "workspace": PRINCIPAL},
                },
                "push": {"type": "object", "properties": {"changes": {"type": "array"}}},
            },
        },
    },
}


def answers(*statuses, **bodies):
    """The responses of an operation: statuses with an error, and others with the body given (None for none)."""
    errors = {str(status): _answer("An error.", ERROR) for status in statuses}
    return errors | {name.removeprefix("s"): _answer("Done.", body) for name, body in bodies.items()}


def _answer(description, body):
    content = {} if body is None else {"content": {"application/json": {"schema": body}}}
    return {"description": description} | content


def _file(*names, may_say=None, **about):
    """A file of figures. `names` are the parameters of its address beside the link; `about` is what it says besides."""
    parameters = [
        {"name": name, "in": "query", "required": name == "link", "schema": PARAMETERS.get(name, TEXT)}
        for name in ("link", *names)
    ]
    page = {"description": "An error.", "content": {"text/html": {"schema": {"type": "string"}}}}
    errors = {str(status): page for status in (400, 401, 404)}
    body = {
        **FILE,
        "required": [*FILE["required"], *about],
        "properties": {**FILE["properties"], **about, **(may_say or {})},
    }
    return {"get": {"parameters": parameters, "responses": answers(s200=body) | errors}}


def _taking(body, responses, *headers):
    parameters = [
        {"name": name, "in": "header", "required": False, "schema": {"type": "string", "maxLength": 80}}
        for name in headers
    ]
    return {
        "post": {
            "parameters": parameters,
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": responses,
        }
    }


TEXT = {"type": "string", "maxLength": 300}
WHOLE = {"type": "integer", "minimum": 0}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
COUNTS = {"type": "object", "additionalProperties": WHOLE}
FIGURE = {
    "type": "object",
    "required": [
        *("section", "name", "definition_version", "title", "definition", "source", "unit"),
        *("n", "value", "why_not", "window", "exclusions", "flags", "members"),
    ],
    "additionalProperties": False,
    "properties": {
        "section": {"type": "string", "pattern": "^[a-z_]+$"},
        "about": {"type": "string"},
        "name": {"type": "string", "pattern": "^[a-z_]+$"},
        "definition_version": {"type": "integer", "minimum": 1},
        "title": {"type": "string", "minLength": 1},
        "definition": {"type": "string", "minLength": 1},
        "source": {"type": "string", "minLength": 1},
        "unit": {"enum": ["duration", "count", "share", "ratio", "score", "lines", "list", "state"]},
        "n": WHOLE,
        "value": {},
        "why_not": {"enum": ["no_data", "too_few", "not_reached", "not_known", "not_ready", None]},
        "window": {
            "type": "object",
            "nullable": True,
            "required": ["start", "end"],
            "additionalProperties": False,
            "properties": {"start": MOMENT, "end": MOMENT},
        },
        "exclusions": COUNTS,
        "flags": COUNTS,
        "members": {"type": "array", "items": {"type": "integer", "minimum": 1}},
    },
}
FILE = {
    "type": "object",
    "required": ["repository", "repository_uuid", "made_at", "settings_version", "figures"],
    "additionalProperties": False,
    "properties": {
        "repository": {"type": "string", "nullable": True},
        "repository_uuid": {"type": "string"},
        "made_at": MOMENT,
        "settings_version": WHOLE,
        "figures": {"type": "array", "items": FIGURE},
    },
}
NUMBER = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 40}, {"type": "integer"}]}
PARAMETERS = {
    "window": {"enum": ["28", "90", "182", "364"]},
    "branch": {"anyOf": [{"enum": ["main", "gone"]}, TEXT]},
    "size": {"enum": ["XS", "S", "M", "L", "XL"]},
    "series": {"enum": ["human", "bot"]},
    "clock": {"enum": ["wall", "work"]},
    "figure": {"enum": ["merged", "pulse", "head", "distribution", "punch_card", "nothing"]},
    "commit": {"type": "string", "pattern": "^[0-9a-f]{7,40}$"},
    "pullrequest": NUMBER,
    "pull_request": NUMBER,
}
OBJECT = {"type": "object"}
STATUS = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
REFUSED = (400, 401, 403, 409, 413, 415, 503)
DESCRIPTION = {
    "openapi": "3.0.3",
    "info": {"title": "Bittern", "version": "1"},
    "paths": {
        "/connect/installed": _taking(LIFECYCLE, answers(*REFUSED, s204=None)),
        "/connect/uninstalled": _taking(LIFECYCLE, answers(*REFUSED, s204=None)),
        "/connect/webhook": _taking(
            WEBHOOK, answers(*REFUSED, s202=None), "X-Event-Key", "X-Request-UUID", "X-Attempt-Number", "X-Event-Time"
        ),
        "/atlassian-connect.json": {
            "get": {"responses": answers(s200={"type": "object", "required": ["key", "modules", "lifecycle"]})}
        },
        "/healthz": {"get": {"responses": answers(s200=STATUS)}},
        "/readyz": {"get": {"responses": answers(s200=STATUS)}},
        "/pages/repository/flow.json": _file(
            *("figure", "window", "branch", "size", "series", "clock", "path", "show"), filters=OBJECT
        ),
        "/pages/repository/branches.json": _file(
            "branch",
            bases=OBJECT,
            may_go={"type": "array", "items": {"type": "string"}},
            looked_back_to={**MOMENT, "nullable": True},
            compared={"type": "object", "nullable": True},
        ),
        "/pages/repository/files.json": _file(
            *("path", "revision", "pullrequest", "owners"),
            is_cut={"type": "boolean"},
            may_say={"folders": OBJECT, "file": OBJECT, "pull_request": OBJECT, "sharing": {"type": "array"}},
        ),
        "/pages/repository/commit.json": _file("commit", commit=OBJECT),
        "/panels/pull-request/figures.json": _file("pull_request", pull_request=OBJECT),
    },
}
