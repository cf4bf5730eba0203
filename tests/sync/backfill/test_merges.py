"""Which commits a merge brought: only what is certain, and as git lists it."""

from __future__ import annotations

import random
import subprocess
from datetime import timedelta

import pytest

from models.backfill_stages import Stage
from models.history import pull_request_commits
from sync.backfill.merges import Node, brought
from tests.sync.backfill.conftest import Backfilled
from tests.sync.simulated import kind_of_call
from tests.tenants import NOON


def graph(*edges):
    """Commits by name, one minute apart: `graph(("a",), ("b", "a"))` is a, and b that was made on it."""
    return {name: Node(tuple(parents), NOON + timedelta(minutes=place)) for place, (name, *parents) in enumerate(edges)}


def test_a_merge_brings_what_its_second_parent_reaches_and_its_first_does_not():
    commits = graph(("a",), ("b", "a"), ("x", "a"), ("y", "x"), ("m", "b", "y"))
    assert brought(commits, "m") == {"m": ["y", "x"]}


def test_each_merge_brings_its_own():
    commits = graph(("a",), ("x", "a"), ("m", "a", "x"), ("y", "m"), ("n", "m", "y"), ("c", "n"))
    assert brought(commits, "c") == {"m": ["x"], "n": ["y"]}


def test_what_the_main_branch_had_already_is_not_brought_again():
    """The branch took the main branch in before it was merged."""
    commits = graph(("a",), ("x", "a"), ("b", "a"), ("t", "x", "b"), ("y", "t"), ("m", "b", "y"))
    assert brought(commits, "m") == {"m": ["y", "t", "x"]}


def test_a_branch_that_took_another_one_in_brings_it_too():
    commits = graph(("a",), ("x", "a"), ("y", "a"), ("t", "x", "y"), ("m", "a", "t"), ("n", "m", "y"))
    assert brought(commits, "n") == {"m": ["t", "y", "x"]}


def test_a_squash_or_a_fast_forward_says_nothing():
    assert brought(graph(("a",), ("b", "a"), ("c", "b")), "c") == {}


def test_a_merge_of_several_branches_at_once_is_left_to_bitbucket():
    assert brought(graph(("a",), ("x", "a"), ("y", "a"), ("m", "a", "x", "y")), "m") == {}


def test_a_branch_that_leads_to_what_is_not_known_is_not_certain():
    commits = graph(("b",), ("x", "old"), ("m", "b", "x"), ("y", "m"), ("n", "m", "y"))
    assert brought(commits, "n") == {"n": ["y"]}


def test_a_commit_from_before_the_known_line_is_not_certain():
    """It may lie behind the line, where nobody can see."""
    commits = graph(("old",), ("b", "unknown"), ("x", "old"), ("m", "b", "x"))
    assert brought(commits, "m") == {}


def test_a_tip_that_is_not_known_says_nothing():
    assert brought({}, "m") == {}
    assert brought(graph(("a",)), "m") == {}


def test_commits_of_one_moment_are_in_the_order_in_which_they_were_made():
    same = {"a": (), "x": ("a",), "y": ("x",), "z": ("y",), "m": ("a", "z")}
    commits = {name: Node(parents, NOON) for name, parents in same.items()}
    assert brought(commits, "m") == {"m": ["z", "y", "x"]}


@pytest.mark.parametrize("seed", range(12))
def test_it_is_what_git_says(seed, tmp_path):
    """Random histories; `git rev-list p2 ^p1` for every merge on the first parents."""
    chance = random.Random(seed)
    git = Git(tmp_path)
    heads = {"main": git.commit()}
    for _ in range(60):
        branch = chance.choice(sorted(heads)) if chance.random() < 0.8 else f"b{len(heads)}"
        on = heads.get(branch, heads[chance.choice(sorted(heads))])
        if branch != "main" and chance.random() < 0.2:
            other = heads[chance.choice(sorted(heads))]
            heads[branch] = git.commit(on, other) if other != on else on
        else:
            heads[branch] = git.commit(on)
        if chance.random() < 0.25:
            merged = chance.choice(sorted(heads))
            if not git.reaches(heads["main"], heads[merged]):
                heads["main"] = git.commit(heads["main"], heads[merged])
    found = brought(git.commits, heads["main"])
    assert found
    for merge, came in found.items():
        first, second = git.commits[merge].parents
        assert set(came) == set(git.run("rev-list", second, f"^{first}").split())
        assert came[0] == second


class Git:
    """A bare repository that commits are made in without files."""

    def __init__(self, path):
        self._path = path
        self.commits = {}
        self.run("init", "-q", "--bare", ".")
        self._tree = self.run("hash-object", "-t", "tree", "-w", "/dev/null").strip()

    def run(self, *arguments, **environment):
        return subprocess.run(
            ["git", *arguments], cwd=self._path, check=True, capture_output=True, text=True, env=environment or None
        ).stdout

    def commit(self, *parents):
        at = NOON + timedelta(minutes=len(self.commits))
        who = {"NAME": "Ana", "EMAIL": "ana@example.com", "DATE": at.isoformat()}
        environment = {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in who.items()}
        flags = [flag for parent in parents for flag in ("-p", parent)]
        made = self.run("commit-tree", self._tree, "-m", f"{len(self.commits)}", *flags, **environment).strip()
        self.commits[made] = Node(tuple(parents), at)
        return made

    def reaches(self, commit, other):
        return other in self.run("rev-list", commit).split()


@pytest.fixture
def long_lived(database_url):
    made = Backfilled(database_url, deeds=250)
    yield made
    made.close()


def test_the_commits_of_pull_requests_that_were_merged_cost_no_call_and_are_the_true_ones(long_lived):
    lived = long_lived
    lived.advance_to(Stage.BUILDS)
    asked = {sent for sent in lived.transport.sent if kind_of_call(sent) == "GET pullrequests/#/commits"}
    closed = [one for one in lived.story.repository.pull_requests.values() if one.state != "OPEN"]
    merged = [one for one in closed if one.state == "MERGED"]
    assert len(merged) > 2
    assert len(asked) < len(lived.story.repository.pull_requests)
    with lived.services.readers() as session:
        held = pull_request_commits.held(session, lived.held(session), {one.id for one in closed})
    for one in closed:
        assert held.get(one.id, []) == lived.story.repository.git.pull_request_commits(one)
