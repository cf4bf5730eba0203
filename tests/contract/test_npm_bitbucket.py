"""npm's `bitbucket`, a client that nobody here wrote, against the local Bitbucket: only its base address is changed.

It was made to: sign in by e-mail and API token; read itself, users, workspaces, members, repositories (by slug, by UUID alone,
with some fields), branches and commits page by page (numbered and opaque), a file, pull requests with diff, diffstat, commits
and activity, issues, build statuses; make, change and delete a repository, a branch, a hook, an issue and comments, vote with
a PUT that has no body; tag; report a build; approve commits and pull requests and take that back, ask for changes, comment,
work off a task; open, change and decline a pull request, and merge one; and to meet a 400, a 401, a 404 and a 410.
npm/exercise.js is what it was told to do. The library is installed from npm/package-lock.json, with its hashes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from tests.contract.guide_world import ANNS_TOKEN, MOXIE, TEAM
from tests.databases import say_once
from tests.house_figures import ROOT

HERE = ROOT / "tests/contract/npm"
LONGEST_SECONDS = 120
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")


def missing(request, sentence):
    """Nobody's test proves nothing: a failure where CI=true, one loud line elsewhere."""
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    say_once(request.config, sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def npm_folder(request, tmp_path_factory):
    """A folder of this run's own, with the library in it."""
    if not (shutil.which("npm") and shutil.which("node")):
        missing(request, "NO NPM: no such program on PATH. The npm client is not tried.")
    folder = tmp_path_factory.mktemp("npm")
    for name in ("package.json", "package-lock.json", "exercise.js"):
        shutil.copy(HERE / name, folder)
    ran = subprocess.run(INSTALL, cwd=folder, capture_output=True, text=True, timeout=LONGEST_SECONDS)
    if ran.returncode != 0:
        missing(request, f"NO NPM PACKAGE: {ran.stderr.strip()[:300]}. The npm client is not tried.")
    return folder


@pytest.fixture
def told(guide, npm_folder):
    """`told(steps)` is what the library came back with, step by step."""

    def run(steps):
        environment = {
            **os.environ,
            "BITBUCKET_URL": guide.url,
            "BITBUCKET_EMAIL": "ann@example.com",
            "BITBUCKET_TOKEN": ANNS_TOKEN,
            "PULL_REQUEST_COMMIT": guide.pull_request.source_hash,
            "BEN": guide.ben.uuid,
            "MOXIE": MOXIE,
        }
        command = ("node", "exercise.js", steps)
        ran = subprocess.run(
            command, cwd=npm_folder, env=environment, capture_output=True, text=True, timeout=LONGEST_SECONDS
        )
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    return run


def test_it_reads(told):
    assert told("reading") == {
        "me": "ann",
        "user": "Ben Example",
        "workspace": TEAM,
        "members": ["ann", "ben"],
        "repositories": ["1team/moxie"],
        "repository_by_slug": MOXIE,
        "repository_by_uuid": "1team/moxie",
        "some_fields": {"slug": "moxie", "mainbranch": {"name": "main"}},
        "branches_by_page": [["feature/tea"], ["main"]],
        "commits_by_page": [["Tea"], ["Begin"]],
        "file": "# moxie\n",
        "pull_requests": ["Tea"],
        "diff": "diff --git a/tea.txt b/tea.txt",
        "diffstat": ["tea.txt"],
        "commits_of_a_pull_request": ["Tea"],
        "activity": ["OPEN"],
        "issues": ["The door squeaks"],
        "build_statuses": [],
    }


def test_it_writes(told, guide):
    assert told("writing") == {
        "repository": ["1team/soda", "Fizzy"],
        "branch": "feature/lemon",
        "tag": "v1.0",
        "hook": [False, 1],
        "issue": ["It drips", "blocker", "Where to?", 204],
        "build_status": ["INPROGRESS", "SUCCESSFUL"],
        "commit": [True, "Nice"],
        "review": [True, "changes_requested", "Black?", "RESOLVED"],
        "pull_request": ["OPEN", "Too", "DECLINED"],
        "merge": "MERGED",
    }
    moxie = guide.moxie
    assert moxie.issue_tracker.issues == {}
    assert moxie.hooks == {}
    assert [one.state for one in moxie.pull_requests.values()] == ["MERGED", "DECLINED"]
    assert [one.state for one in moxie.build_statuses[guide.pull_request.source_hash].values()] == ["SUCCESSFUL"]
    assert set(moxie.git.branches()) == {"main", "feature/tea", "feature/two"}


def test_it_is_refused(told):
    assert told("refusals") == {
        "wrong_token": [401, "Token is invalid, expired, or not supported for this endpoint."],
        "nobody": [404, "Repository 1team/moxie not found"],
        "nothing_there": [404, "Repository 1team/nothing not found"],
        "bad_page": [400, "Invalid pagelen"],
        "taken_away": [410, "CHANGE-2770 - Functionality has been deprecated"],
    }
