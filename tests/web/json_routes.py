"""Our JSON routes as OpenAPI describes them: what may be sent, and every answer that may come of it. For tests; we serve it nowhere.

The descriptor is the contract with Bitbucket. This says what else may be relied on: the statuses, and that an error is a code and a
sentence.
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
    },
}
