"""What stands for {workspace}, {repo_slug} and {branch}."""

import subprocess

import pytest

from cli.api.errors import NotAnAddress
from cli.api.placeholders import Placeholders, repository_in


@pytest.fixture
def clone(tmp_path):
    """A folder that is a repository, with a remote elsewhere and one on Bitbucket."""

    def git(*arguments):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--initial-branch", "feature/doors")
    git("remote", "add", "elsewhere", "https://example.com/other/thing.git")
    git("remote", "add", "origin", "git@bitbucket.org:acme/paint.git")
    return tmp_path


def placeholders(folder, **more):
    return Placeholders(
        **{"repository": None, "workspace": None, "site_host": "bitbucket.org", "folder": folder, **more}
    )


def test_they_are_those_of_the_folders_repository(clone):
    found = placeholders(clone)
    assert [found.value_of(name) for name in ("workspace", "repo_slug", "branch")] == ["acme", "paint", "feature/doors"]


def test_a_repository_that_was_named_goes_first(clone):
    found = placeholders(clone, repository="1team/moxie", workspace="{w}")
    assert (found.value_of("workspace"), found.value_of("repo_slug")) == ("1team", "moxie")


def test_the_workspace_of_the_credential_goes_before_the_folders(clone):
    found = placeholders(clone, workspace="{w}")
    assert (found.value_of("workspace"), found.value_of("repo_slug")) == ("{w}", "paint")


def test_where_nothing_stands_for_them_it_is_said(tmp_path):
    found = placeholders(tmp_path)
    with pytest.raises(NotAnAddress, match="--repository"):
        found.value_of("workspace")
    with pytest.raises(NotAnAddress, match="no branch checked out"):
        found.value_of("branch")
    with pytest.raises(NotAnAddress, match=r"\{commit\} has to be replaced"):
        found.value_of("commit")


def test_a_machine_without_git_is_no_accident(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotAnAddress):
        placeholders(tmp_path).value_of("workspace")


@pytest.mark.parametrize("named", ["acme", "acme/", "/paint", "a/b/c"])
def test_a_repository_is_named_in_two_parts(tmp_path, named):
    with pytest.raises(NotAnAddress, match="WORKSPACE/REPOSITORY"):
        placeholders(tmp_path, repository=named).value_of("workspace")


@pytest.mark.parametrize(
    "remote",
    [
        "git@bitbucket.org:acme/paint.git",
        "bitbucket.org:acme/paint",
        "https://ann@bitbucket.org/acme/paint.git",
        "https://bitbucket.org/acme/paint/",
        "ssh://git@bitbucket.org/acme/paint.git",
        "ssh://git@altssh.bitbucket.org:443/acme/paint.git",
    ],
)
def test_a_remote_on_bitbucket_is_known_in_every_form(remote):
    assert repository_in(remote, host="bitbucket.org") == ("acme", "paint")


@pytest.mark.parametrize(
    "remote",
    [
        "https://bitbucket.org.example.com/acme/paint",
        "git@example.com:acme/paint.git",
        "https://bitbucket.org/acme",
        "https://bitbucket.org/projects/acme/paint",
        "/srv/git/acme/paint.git",
        "https://[bitbucket.org/acme/paint",
        "",
    ],
)
def test_any_other_remote_is_not_ours(remote):
    assert repository_in(remote, host="bitbucket.org") is None
