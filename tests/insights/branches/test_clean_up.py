"""What may go, and a script that a shell reads as it was meant."""

import subprocess
from datetime import timedelta

import pytest

from insights.branches.classes import Branch, BranchClass
from insights.branches.clean_up import clean_up_script, may_go


def branch(name, branch_class=BranchClass.STALE, *, tip="f" * 40, open_pull_request=None):
    return Branch(
        name=name,
        tip=tip,
        branch_class=branch_class,
        owner=None,
        age=timedelta(days=100),
        open_pull_request=open_pull_request,
    )


def test_only_what_is_left_over_or_stale_may_go():
    branches = [branch(one.value, one) for one in BranchClass]

    assert [one.name for one in may_go(branches)] == ["merged_leftover", "stale"]
    assert [one.name for one in may_go(branches, frozenset({BranchClass.STALE}))] == ["stale"]


def test_neither_a_long_lived_branch_nor_one_in_review_goes_even_if_asked_for():
    branches = [branch("a", BranchClass.LONG_LIVED), branch("b", open_pull_request=4)]

    assert may_go(branches, frozenset(BranchClass)) == ()


NASTY = [
    "a b",
    "it's",
    "$(touch pwned)",
    "`x`",
    "x;y",
    "a&b",
    'q"q',
    "-rf",
    "é",
    "x#y",
    "a*b",
    "line\nbreak",
    "tab\ttab",
]


@pytest.mark.parametrize("name", ["feature/x", *NASTY])
def test_a_shell_hands_git_the_branch_by_its_very_name(tmp_path, name):
    spy = tmp_path / "git"
    spy.write_text('#!/bin/sh\nprintf "%s\\0" "$@" > "$(dirname "$0")/said"\n')
    spy.chmod(0o755)

    subprocess.run(
        ["/bin/sh", "-e"],
        input=clean_up_script([branch(name)]),
        text=True,
        check=True,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        cwd=tmp_path,
    )

    assert (tmp_path / "said").read_text().split("\0")[:-1] == [
        "push",
        "origin",
        "--delete",
        f"--force-with-lease=refs/heads/{name}:{'f' * 40}",
        f"refs/heads/{name}",
    ]
    assert not (tmp_path / "pwned").exists()


def test_a_real_git_deletes_what_has_not_moved_and_keeps_what_has(tmp_path):
    def git(*arguments, cwd=None):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "init.defaultBranch=main"]
        return subprocess.run(
            ["git", *identity, *arguments], cwd=cwd, check=True, capture_output=True, text=True
        ).stdout.strip()

    origin, clone = tmp_path / "origin.git", tmp_path / "clone"
    git("init", "-q", "--bare", origin)
    git("clone", "-q", origin, clone)
    git("commit", "-q", "--allow-empty", "-m", "one", cwd=clone)
    tip = git("rev-parse", "HEAD", cwd=clone)
    git("push", "-q", "origin", "HEAD:main", "HEAD:gone", "HEAD:moved", cwd=clone)
    git("commit", "-q", "--allow-empty", "-m", "two", cwd=clone)
    git("push", "-q", "origin", "HEAD:moved", cwd=clone)

    script = clean_up_script([branch("gone", tip=tip), branch("moved", tip=tip)])
    subprocess.run(["/bin/sh"], input=script, text=True, cwd=clone, check=False, capture_output=True)

    left = git("ls-remote", "--heads", origin).split()
    assert "refs/heads/gone" not in left
    assert "refs/heads/moved" in left


def test_each_line_says_how_to_bring_the_branch_back():
    assert f"# undo: git push origin {'f' * 40}:refs/heads/x" in clean_up_script([branch("x")])


def test_nothing_to_do_is_an_empty_script():
    assert clean_up_script([]) == ""
