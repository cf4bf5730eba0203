"""Compiles `bitbucket/operations.json` from Atlassian's API description: facts only, one operation a line.

python -m tests.bitbucket.compile_operations ../shared/bitbucket/openapi.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent.parent / "bitbucket" / "operations.json"
METHODS = ("get", "put", "post", "delete")


def rows_of(description):
    """[method, path, operation id, [[parameter, place, is required]…], scopes, takes a body, is deprecated] of each one."""
    for template, item in description["paths"].items():
        for method in METHODS:
            if method in item:
                yield row_of(method, template, item[method], item.get("parameters", []))


def row_of(method, template, operation, shared_parameters):
    parameters = {
        parameter["name"]: [parameter["name"], parameter["in"], bool(parameter.get("required"))]
        for parameter in [*shared_parameters, *operation.get("parameters", [])]
    }
    scopes = [scope for way in operation.get("security", []) for scope in way.get("oauth2", [])]
    return [
        method.upper(),
        template,
        operation.get("operationId"),
        list(parameters.values()),
        scopes,
        "requestBody" in operation,
        bool(operation.get("deprecated")),
    ]


def compiled(description):
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows_of(description))
    return f"[\n{rows}\n]\n"


if __name__ == "__main__":
    TABLE.write_text(compiled(json.loads(Path(sys.argv[1]).read_text("utf-8"))), "utf-8")
