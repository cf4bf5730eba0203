"""Every recorded body of the REST API that we have a struct for decodes, and every recorded error becomes its exception."""

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from bitbucket import comments, diffs, groups, invitations, issues, pull_request_activity, resources, source, workspaces
from bitbucket.answers import decode, error_from
from bitbucket.errors import Answered, BadRequest, Forbidden, Gone, NotFound, RateLimited
from bitbucket.messages import Headers, Response
from tests.faults.figures import Figures
from tests.recorded.recordings import DEFAULT

NOW = datetime(2026, 11, 23, tzinfo=UTC)

# What a body is, by the `type` that most of them tell.
BY_TYPE = {
    "branch": resources.Branch,
    "build": resources.BuildStatus,
    "commit": resources.Commit,
    "commit_directory": source.SourceEntry,
    "commit_file": source.SourceEntry,
    "diffstat": diffs.FileChange,
    "issue": issues.Issue,
    "participant": resources.Participant,
    "project": resources.Project,
    "pullrequest": resources.PullRequest,
    "pullrequest_comment": comments.Comment,
    "repository": resources.Repository,
    "tag": resources.Tag,
    "team": resources.User,
    "user": resources.User,
    "workspace": resources.Workspace,
    "workspace_membership": workspaces.Membership,
}
# By how the file begins, for those that do not tell.
BY_NAME = {
    "activities": pull_request_activity.Activity,
    "pullrequest-activity": pull_request_activity.Activity,
    "pullrequests-1-commits": resources.Commit,
    "pullrequests-1-tasks": comments.Task,
    "user-workspaces": workspaces.Membership,
    "v1-group-privileges-account": tuple[groups.GroupPrivilege, ...],
    "v1-group-privileges-repositor": tuple[groups.GroupPrivilege, ...],
    "v1-groups-created": groups.Group,
    "v1-groups-member-added": groups.Account,
    "v1-groups-members": tuple[groups.Account, ...],
    "v1-groups-updated": groups.Group,
    "v1-groups.": tuple[groups.Group, ...],
    "v1-invitations-sent": invitations.RepositoryInvitation,
    "v1-users-invitations-email": invitations.GroupInvitation,
    "v1-users-invitations.": tuple[invitations.GroupInvitation, ...],
}


def pytest_generate_tests(metafunc):
    folder = (metafunc.config.getoption("--recorded") or DEFAULT) / "rest"
    for name, pattern in {"rest_body": "*.json", "rest_error": "error-*.json"}.items():
        if name in metafunc.fixturenames:
            found = sorted(folder.glob(pattern))
            absent = pytest.mark.skip(reason=f"no {pattern} in {folder}")
            rows = [pytest.param(path, id=path.stem) for path in found]
            metafunc.parametrize(name, rows or [pytest.param(None, id="none", marks=absent)])


@pytest.fixture
def recorded_rest(request):
    folder = (request.config.getoption("--recorded") or DEFAULT) / "rest"
    found = sorted(folder.glob("*.json"))
    return found or pytest.skip(f"{folder} is not there")


def kind_of(path: Path):
    """The type that a body is decoded as: one of our structs, or any JSON for what nothing here reads."""
    body = json.loads(path.read_bytes())
    named = next((kind for start, kind in BY_NAME.items() if path.name.startswith(start)), None)
    if not isinstance(body, dict):
        return named or object
    if isinstance(body.get("values"), list) and body["values"]:
        return resources.Page[named or BY_TYPE.get(body["values"][0].get("type"), object)]
    if not body.keys() - {"pagelen", "size", "values", "page"}:
        return resources.Page[resources.Repository] if body else object
    return named or BY_TYPE.get(body.get("type"), object)


def test_it_decodes(rest_body):
    content = rest_body.read_bytes()
    decoded = decode(content, kind_of(rest_body))
    assert keeps_what_it_knows(msgspec.to_builtins(decoded), json.loads(content))


def keeps_what_it_knows(decoded, told) -> bool:
    """True when every value that we kept is the one that was told, and no value that we have a name for was lost."""
    if isinstance(decoded, dict):
        return isinstance(told, dict) and all(
            keeps_what_it_knows(value, told[name]) if name in told else is_absent(value)
            for name, value in decoded.items()
        )
    if isinstance(decoded, list | tuple):
        return len(decoded) == len(told) and all(map(keeps_what_it_knows, decoded, told))
    return decoded == told or same_moment(decoded, told)


def is_absent(value) -> bool:
    return value is None or value is False or value == ()


def same_moment(decoded, told) -> bool:
    if not isinstance(decoded, str) or not isinstance(told, str):
        return False
    return datetime.fromisoformat(decoded) == datetime.fromisoformat(told)


def status_and_body(path: Path) -> tuple[int, bytes]:
    """Errors quoted in public threads come with their status; for the others the file's name tells what they were."""
    told = json.loads(path.read_bytes())
    if told.keys() & {"text", "body"}:
        return told["status"], told["text"].encode() if "text" in told else json.dumps(told["body"]).encode()
    statuses = {"badrequest": 400, "privileges": 403, "not-found": 404, "noapi": 404, "src-404": 404}
    return next((code for word, code in statuses.items() if word in path.name), 400), path.read_bytes()


def test_most_bodies_have_a_struct(recorded_rest, record_property):
    """Counts too what the tests before it went through, one file at a time."""
    errors = [path for path in recorded_rest if path.name.startswith("error-")]
    bodies = [path for path in recorded_rest if path not in errors]
    with_a_struct = [path for path in bodies if kind_of(path) not in {object, resources.Page[object]}]
    figures = Figures(record_property, title="Recorded REST bodies, each of which is decoded")
    figures.row(decoded_as="a struct of ours", files=len(with_a_struct))
    figures.row(decoded_as="any JSON: nothing here reads it", files=len(bodies) - len(with_a_struct))
    figures.row(decoded_as="an error", files=len(errors))
    assert len(with_a_struct) > len(bodies) * 0.75


def test_it_becomes_an_exception_with_a_message(rest_error):
    status, body = status_and_body(rest_error)
    error = error_from(Response(status, Headers(), body), now=NOW)
    kinds = {400: BadRequest, 403: Forbidden, 404: NotFound, 410: Gone, 429: RateLimited}
    assert type(error) is kinds.get(status, Answered)
    assert error.message in body.decode().replace("\\", "")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("error-privileges.gildas.json", lambda error: error.required == ("project",) and "account" in error.granted),
        (
            "error-badrequest.gildas.json",
            lambda error: error.fields == {"links.avatar": ("required key not provided",)},
        ),
        (
            "error-badrequest-nobranch.gildas.json",
            lambda error: error.fields == {"source": ("branch not found: dummy",)},
        ),
        ("error-gone-410.thread.json", lambda error: "CHANGE-2770" in error.data["announcement_url"]),
        ("error-noapi.gildas.json", lambda error: error.detail == "There is no API hosted at this URL"),
        ("error-rate-limited-429.thread.json", lambda error: error.retry_at > NOW),
    ],
)
def test_what_a_known_error_tells_beside_its_message_is_kept(name, told):
    path = DEFAULT / "rest" / name
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    status, body = status_and_body(path)
    assert told(error_from(Response(status, Headers(), body), now=NOW))
