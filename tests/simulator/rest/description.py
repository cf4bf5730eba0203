"""Atlassian's description of REST 2.0 as a judge: which operations there are, and whether an answer is one that they describe.

What differs on purpose stands in DIFFERENCES, each with its source. The description is older in places than the recorded
answers, which count more; and it forbids keys that its own server sends.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

DESCRIPTION = Path(__file__).resolve().parents[3].parent / "shared" / "bitbucket" / "openapi.json"
Key = tuple[str, str]
"""a method, and an address whose parameters have no names"""

# What is served and not described, and why.
UNDESCRIBED: dict[Key, str] = {
    ("GET", "/repositories/{}/{}/commit/{}/statuses/build"): (
        "recorded in commit-046d...-statuses-build.jenkins-branch-source.json"
    ),
}
# Scopes that are not asked for, since nobody gets as far: error-gone-410.thread.json answers to all alike.
GONE = ("/repositories", "/workspaces", "/user/permissions/repositories", "/user/permissions/workspaces", "/snippets")
# Statuses that the description does not list, and why.
STATUSES: dict[Key, tuple[int, str]] = {
    **{("GET", address): (410, "error-gone-410.thread.json") for address in GONE},
    ("GET", "/repositories/{}/{}/src"): (302, 'the operation\'s own text: "redirects the client"'),
    ("GET", "/user/emails"): (200, 'described as "default"'),
    ("GET", "/user/emails/{}"): (200, 'described as "default"'),
    ("DELETE", "/repositories/{}/{}/issues/{}/vote"): (204, 'described as "default"'),
}

# The bytes of a file, where a folder is described beside it.
FILES = {("GET", "/repositories/{}/{}/src/{}/{}")}

# (path of the value, what the schema says of it) -> why we differ.
DIFFERENCES = {
    (r".*", r"null is not of type.*"): "nothing is null in recorded answers where the description knows no null",
    (r".*links.*", r"Additional properties.*"): "recorded answers have links that the description leaves out",
    (
        r".*(summary|rendered/.*|content|message)",
        r"Additional properties.*\('type' was.*",
    ): "recorded with type rendered",
    (r".*(source|destination)/commit", r"Additional properties.*'links', 'type'.*"): "pullrequests-pagelen-50, 2026",
    (r".*merge_commit", r"Additional properties.*'links', 'type'.*"): "pullrequest.gildas.json",
    (r".*source/branch", r"Additional properties.*"): "pullrequest-updated.jenkins-branch-source.json, 2026",
    (r".*clone/\d+/href", r".*is not a \"uri\""): "git@host:path is recorded in repository-full.jenkins-branch-source",
    (r".*attributes", r"\[\] is not.*"): "a list in src-fb522a6...-script-bat-format-meta.jenkins-branch-source.json",
    (
        r"(values/\d+)?",
        r"Additional properties.*'(id|links|content)'.*",
    ): "tasks: the schema joins closed schemas by allOf",
    (r"(values/\d+/)?(repository|workspace)", r"Additional properties.*\('links' was.*"): "as recorded",
}


def description() -> dict[str, Any]:
    """The description; raises FileNotFoundError where it is not at hand."""
    loaded: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    return loaded


def skeleton(address: str) -> str:
    """An address with its parameters made nameless; ours take commit and path of a file together."""
    bare = re.sub(r"[<{][^>}]*[>}]", "{}", address)
    return {
        "/repositories/{}/{}/src/{}": "/repositories/{}/{}/src/{}/{}",
        "/repositories/{}/{}/filehistory/{}": "/repositories/{}/{}/filehistory/{}/{}",
    }.get(bare, bare)


def operations(description: dict[str, Any]) -> dict[Key, dict[str, Any]]:
    found = {}
    for address, methods in description["paths"].items():
        for method, operation in methods.items():
            if method in {"get", "put", "post", "delete"}:
                found[method.upper(), skeleton(address)] = operation
    return found


def scopes(operation: dict[str, Any]) -> set[str]:
    security = operation.get("security") or [{}]
    return set(security[0].get("oauth2", []))


def described_key(method: str, path: str, description: dict[str, Any]) -> Key:
    """The described operation that an address of ours belongs to: the one with the fewest parameters."""
    matching = []
    for address in description["paths"]:
        pattern = re.sub(r"\{[^}]*\}", "[^/]+", address)
        if re.fullmatch(pattern, path) and method.lower() in description["paths"][address]:
            matching.append(skeleton(address))
    return method, min(matching, key=lambda address: address.count("{}"))


@dataclass
class Judge:
    """Judges answers by the description, and remembers which differences it had to excuse."""

    described: dict[str, Any]
    excused: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.operations = operations(self.described)

    def complaints(self, schema: dict[str, Any], body: Any) -> list[str]:
        """What the schema says against a body and DIFFERENCES does not explain."""
        validator = jsonschema_rs.Draft4Validator({**schema, "components": self.described["components"]})
        found = []
        for error in validator.iter_errors(body):
            path = "/".join(str(part) for part in error.instance_path)
            excuse = _excuse(path, error.message)
            if excuse is None:
                found.append(f"{path}: {error.message[:200]}")
            else:
                self.excused[excuse] += 1
        return found

    def judge(self, key: Key, answer: TestResponse) -> str:
        """`validated`, or why there is nothing to validate; asserts that the answer is a described one."""
        if key in STATUSES:
            assert answer.status_code == STATUSES[key][0], (key, answer.status_code)
            return "answered with a status that the description does not list"
        responses = self.operations[key]["responses"]
        assert str(answer.status_code) in responses, (key, answer.status_code, answer.get_data(as_text=True)[:300])
        content = responses[str(answer.status_code)].get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if answer.status_code == 204:
            assert not answer.get_data(), key
            return "answered with 204 and no body"
        if not schema:
            return "described without a schema"
        if not answer.is_json:
            assert key in FILES, (key, answer.content_type)
            return "answered with the bytes of a file"
        assert self.complaints(schema, answer.get_json()) == [], key
        return VALIDATED


VALIDATED = "validated"


def _excuse(path: str, message: str) -> tuple[str, str] | None:
    return next((one for one in DIFFERENCES if re.fullmatch(one[0], path) and re.fullmatch(one[1], message)), None)
