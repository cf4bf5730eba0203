"""A Bitbucket that answers by path, from any thread: a Transport for tests of pages, where calls come in no fixed order."""

import json
import threading
from urllib.parse import unquote, urlsplit

from bitbucket.messages import DEFAULT_MAX_BYTES, Headers, Response
from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE, BOB, NOON

REPOSITORY = f"/2.0/repositories/{ALICE_WORKSPACE}/{ALICE_REPOSITORY}"
TOKEN_PATH = "/site/oauth2/access_token"
HASH = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"
ANA = {"type": "user", "uuid": "{aaaaaaaa-0000-4000-8000-0000000000f1}", "display_name": "Ana Silva", "nickname": "ana"}
TOM = {"type": "user", "uuid": BOB, "display_name": "Tom Okafor", "nickname": "tom"}


def answer(value, *, status=200, headers=None):
    return Response(
        status, Headers({"Content-Type": "application/json", **(headers or {})}), json.dumps(value).encode()
    )


def days_ago(days):
    from datetime import timedelta

    return (NOON - timedelta(days=days)).isoformat()


def repository(**members):
    body = {
        "type": "repository",
        "uuid": ALICE_REPOSITORY,
        "name": "Heron",
        "slug": "heron",
        "full_name": "alice/heron",
        "is_private": True,
        "mainbranch": {"name": "main", "type": "branch"},
        "workspace": {"type": "workspace", "uuid": ALICE_WORKSPACE, "slug": "alice"},
    }
    return body | members


def participant(user, *, role="REVIEWER", state=None, on=None):
    return {"user": user, "role": role, "approved": state == "approved", "state": state, "participated_on": on}


def pull_request(number, *participants, author=ANA, opened=2.0, title=None, branch=None, draft=False):
    return {
        "type": "pullrequest",
        "id": number,
        "title": title or f"Change {number}",
        "state": "OPEN",
        "draft": draft,
        "created_on": days_ago(opened),
        "updated_on": days_ago(opened),
        "author": author,
        "participants": list(participants),
        "reviewers": [],
        "source": {"branch": {"name": branch or f"feature/{number}"}},
        "destination": {"branch": {"name": "main"}, "repository": {"uuid": ALICE_REPOSITORY}},
        "comment_count": 0,
    }


def branch(name, *, age=1.0, message="Teach the heron to wait", author="Ana Silva <ana@example.com>"):
    target = {"hash": HASH, "date": days_ago(age), "message": message, "author": {"raw": author}}
    return {"type": "branch", "name": name, "target": target}


def status(key, state):
    return {"type": "build", "key": key, "state": state, "updated_on": days_ago(1)}


def page(*values, size=None):
    return {"values": list(values), "size": len(values) if size is None else size, "page": 1, "pagelen": 50}


class FakeBitbucket:
    """Answers each path with what was put there: a body, a Response, or an exception to raise."""

    def __init__(self):
        self.paths = {}
        self.requests = []
        self._lock = threading.Lock()
        self.answers(
            TOKEN_PATH, {"access_token": "swapped-token", "expires_in": 7200, "scopes": "repository pullrequest"}
        )
        self.show()

    def show(self, *pull_requests, branches=None, builds=("SUCCESSFUL",), **repository_members):
        """Put a repository there, with open pull requests, branches, and builds of the main branch's newest commit."""
        self.answers(REPOSITORY, repository(**repository_members))
        self.answers(f"{REPOSITORY}/pullrequests", page(*pull_requests))
        listed = branches if branches is not None else [branch("main")]
        self.answers(f"{REPOSITORY}/refs/branches", page(*listed))
        self.answers(f"{REPOSITORY}/refs/branches/main", branch("main"))
        self.answers(
            f"{REPOSITORY}/commit/{HASH}/statuses",
            page(*(status(f"build-{place}", state) for place, state in enumerate(builds))),
        )

    def answers(self, path, value, *, status=200):
        self.paths[path] = value if isinstance(value, Response | Exception) else answer(value, status=status)

    def fails(self, error, *, path=None):
        """Make one path fail, or everything that is read."""
        for known in [path] if path else [known for known in self.paths if known != TOKEN_PATH]:
            self.paths[known] = error

    def send(self, request, *, deadline_seconds, max_bytes=DEFAULT_MAX_BYTES, sink=None):
        path = unquote(urlsplit(request.url).path)
        with self._lock:
            self.requests.append(request)
        found = self.paths.get(path)
        if isinstance(found, Exception):
            raise found
        if found is not None and sink is not None:
            sink(found.body)
        return found or answer({"type": "error", "error": {"message": f"{path} not found"}}, status=404)

    @property
    def read_paths(self):
        """Which resources were read, in any order; token swaps left out."""
        paths = [unquote(urlsplit(request.url).path) for request in self.requests]
        return [path for path in paths if path != TOKEN_PATH]
