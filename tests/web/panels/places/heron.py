"""The history of Alice's repository as the tests of its places know it: told through the code that tells all histories."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from hashlib import sha1
from html import unescape
from urllib.parse import urlencode

import msgspec

from bitbucket.diffs import FileChange
from bitbucket.resources import Branch, BuildStatus, Commit, PullRequest
from insights.definitions import CATALOGUE
from models import repositories
from models.history.refs import RefKind
from models.repositories import RepositoryFacts
from sync.history.builds import record_build_statuses
from sync.history.commits import record_commits
from sync.history.contents import record_commit_files, record_files, record_pull_request_commits
from sync.history.pull_requests import record_pull_requests
from sync.history.refs import record_listing
from sync.history.writing import writing
from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE, BOB, NOON
from tests.web.fake_bitbucket import ANA, REPOSITORY, TOM
from tests.web.signing import signed_url

EVE = {"type": "user", "uuid": "{aaaaaaaa-0000-4000-8000-0000000000f5}", "display_name": "Eve Lind", "nickname": "eve"}
BOT = {"type": "AppUser", "uuid": "{aaaaaaaa-0000-4000-8000-0000000000f9}", "display_name": "Renovate"}
COMMITS = f"{REPOSITORY}/commits"


def sha(name):
    """The hash that a commit has by its name in a test."""
    return sha1(name.encode(), usedforsecurity=False).hexdigest()


def ago(days):
    return NOON - timedelta(days=days)


def commit(name, *parents, age=1.0, by=ANA, message=None):
    raw = f"{by['display_name']} <{by['display_name'].split()[0].lower()}@example.com>"
    return {
        "type": "commit",
        "hash": sha(name),
        "date": ago(age).isoformat(),
        "message": message or f"Commit {name}",
        "author": {"raw": raw, "user": by},
        "parents": [{"hash": sha(parent)} for parent in parents],
    }


def changed(path, *, status="modified", added=10, removed=2, old=None):
    return {
        "status": status,
        "lines_added": added,
        "lines_removed": removed,
        "old": {"path": old or path} if status != "added" else None,
        "new": {"path": path} if status != "removed" else None,
    }


def pull_request(number, branch, *, head, state="OPEN", by=ANA, merged_as=None, opened=5.0, closed=None, to="main"):
    body = {
        "type": "pullrequest",
        "id": number,
        "title": f"Change {number}",
        "state": state,
        "draft": False,
        "created_on": ago(opened).isoformat(),
        "updated_on": ago(closed if closed is not None else opened).isoformat(),
        "author": by,
        "participants": [],
        "reviewers": [],
        "source": {
            "branch": {"name": branch},
            "commit": {"hash": sha(head)[:12]},
            "repository": {"uuid": ALICE_REPOSITORY},
        },
        "destination": {"branch": {"name": to}, "repository": {"uuid": ALICE_REPOSITORY}},
        "comment_count": 0,
    }
    if state == "MERGED":
        body["merge_commit"] = {"hash": sha(merged_as or head)[:12], "date": ago(closed or 1).isoformat()}
        body["closed_by"] = by
    return body


class Heron:
    """Tells the history of Alice's repository, bit by bit."""

    def __init__(self, services, installation, *, is_private=True):
        self.services, self.installation = services, installation
        self._told_at = NOON - timedelta(hours=1)
        facts = RepositoryFacts(
            ALICE_REPOSITORY,
            workspace_uuid=ALICE_WORKSPACE,
            name="Heron",
            full_name="alice/heron",
            main_branch="main",
            is_private=is_private,
        )
        with services.sessions.begin() as session:
            repositories.record(session, installation, facts, as_of=ago(400), now=ago(400))

    def commits(self, *told):
        with self.writing() as projection:
            record_commits(projection, [read(one, Commit) for one in told], as_of=NOON)

    def branches(self, **tips):
        """Every branch there is, each with its newest commit; names have two underscores for a slash."""
        told = [{"name": name.replace("__", "/"), "type": "branch", "target": tip} for name, tip in tips.items()]
        with self.writing() as projection:
            record_listing(
                projection,
                RefKind.BRANCH,
                [read(one, Branch) for one in told],
                observed_at=self._next_moment(),
                is_complete=True,
            )

    def tags(self, **tips):
        told = [{"name": name.replace("_", "."), "type": "tag", "target": tip} for name, tip in tips.items()]
        with self.writing() as projection:
            record_listing(
                projection,
                RefKind.TAG,
                [read(one, Branch) for one in told],
                observed_at=self._next_moment(),
                is_complete=True,
            )

    def pull_requests(self, *told):
        with self.writing() as projection:
            record_pull_requests(projection, [read(one, PullRequest) for one in told], observed_at=NOON)

    def files(self, number, *told, head):
        with self.writing() as projection:
            changes = [read(one, FileChange) for one in told]
            record_files(projection, number, changes, head=sha(head)[:12], observed_at=NOON)

    def pull_request_commits(self, number, *told, head):
        with self.writing() as projection:
            changes = [read(one, Commit) for one in told]
            record_pull_request_commits(projection, number, changes, head=sha(head)[:12], observed_at=NOON)

    def commit_files(self, name, *told):
        with self.writing() as projection:
            record_commit_files(projection, sha(name), [read(one, FileChange) for one in told])

    def builds(self, name, **states):
        told = [
            {"key": key, "state": state, "created_on": ago(1).isoformat(), "updated_on": ago(1).isoformat()}
            for key, state in states.items()
        ]
        with self.writing() as projection:
            statuses = [read(one, BuildStatus) for one in told]
            record_build_statuses(projection, statuses, commit=sha(name), as_of=NOON)

    def _next_moment(self):
        """Each listing was read a little later than the one before."""
        self._told_at += timedelta(seconds=1)
        return self._told_at

    def writing(self):
        return _Writing(self.services, self.installation)


class _Writing:
    def __init__(self, services, installation):
        self._session = services.sessions()
        self._installation = installation

    def __enter__(self):
        self._session.begin()
        row = repositories.locked(self._session, self._installation, ALICE_REPOSITORY)
        self._writing = writing(self._session, row, now=NOON, asks=False)
        return self._writing.__enter__()

    def __exit__(self, *error):
        self._writing.__exit__(*error)
        self._session.commit()
        self._session.close()


def read(told, kind):
    return msgspec.convert(told, kind)


def address(tab, user=BOB, **query):
    """The signed address of a tab."""
    parameters = {"repository": ALICE_REPOSITORY, "user": user, "tab": tab, **query}
    return signed_url(f"/pages/repository?{urlencode(parameters)}")


def link(answer, label):
    """Where a link of this text leads."""
    page = answer.get_data(as_text=True)
    for tag, words in re.findall(r"<a ([^>]+)>(.*?)</a>", page, re.DOTALL):
        if label in " ".join(re.sub(r"<[^>]+>", "", words).split()):
            return unescape(re.search(r'href="([^"]+)"', tag)[1])
    raise AssertionError(f"no link says {label}")


def figures_of(client, answer):
    """The file with the figures of a page: all of it, and its figures by section."""
    got = client.get(link(answer, "Figures as JSON"))
    assert (got.status_code, got.content_type) == (200, "application/json; charset=utf-8")
    body = json.loads(got.data)
    for one in body["figures"]:
        known = CATALOGUE[one["name"]]
        assert (one["definition_version"], one["definition"]) == (known.version, known.text)
        assert (one["value"] is None) == (one["why_not"] is not None)
    return body, {one["section"]: one for one in body["figures"]}


def rows_of(client, answer, label):
    """The rows of a CSV file of a page."""
    got = client.get(link(answer, label))
    assert (got.status_code, got.content_type) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(got.get_data(as_text=True), newline="")))


def page_of(*values, next_=None):
    body = {"values": list(values), "pagelen": 100}
    return {**body, "next": next_} if next_ else body


__all__ = ["ANA", "BOT", "COMMITS", "EVE", "TOM", "Heron", "address", "ago", "changed", "commit", "link"]
