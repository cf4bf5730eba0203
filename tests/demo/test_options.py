"""Tests of the command line."""

from __future__ import annotations

import subprocess

import pytest

from demo.errors import OptionRefused
from demo.options import parse_options
from tests.house_figures import ROOT


@pytest.fixture
def repository(tmp_path):
    path = tmp_path / "a repository"
    subprocess.run(["git", "init", "-q", str(path)], check=True)
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.test"]
    subprocess.run(["git", "-C", str(path), *identity, "commit", "-q", "--allow-empty", "-m", "Begin"], check=True)
    return path


def test_nothing_has_to_be_said():
    options = parse_options([])
    assert (options.repository, options.is_check, options.port, options.bittern_port) == (None, False, None, None)
    assert options.simulator_arguments == []


def test_everything_can_be_said(repository):
    options = parse_options(
        ["--repo", str(repository), "--check", "--port", "8001", "--bittern-port", "8002", "--seed", "7", "--small"]
    )
    assert options.is_check
    assert (options.port, options.bittern_port) == (8001, 8002)
    assert options.simulator_arguments == ["--repo", str(repository), "--seed", "7", "--small"]


def test_a_repository_may_be_named_from_where_one_stands(repository, monkeypatch):
    monkeypatch.chdir(repository.parent)
    assert parse_options(["--repo", repository.name]).repository == repository


def test_a_worktree_below_a_repository_is_one_too(repository):
    (repository / "src").mkdir()
    assert parse_options(["--repo", str(repository / "src")]).repository == repository / "src"


def test_logs_go_below_the_project_unless_another_place_is_named(monkeypatch, tmp_path):
    assert parse_options([]).log_directory == ROOT / "var" / "demo"
    monkeypatch.chdir(tmp_path)
    assert parse_options(["--logs", "here"]).log_directory == tmp_path / "here"


def test_it_outlives_its_parent_unless_told_otherwise():
    assert not parse_options([]).ends_with_parent
    assert parse_options(["--end-with-parent"]).ends_with_parent


def test_an_empty_name_is_no_name():
    assert parse_options(["--repo", ""]).repository is None


def test_a_directory_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(OptionRefused, match="no such directory"):
        parse_options(["--repo", str(tmp_path / "nowhere")])


def test_a_directory_that_is_no_repository_is_refused(tmp_path):
    with pytest.raises(OptionRefused, match="not a git repository"):
        parse_options(["--repo", str(tmp_path)])


def test_a_repository_without_a_commit_is_refused(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    with pytest.raises(OptionRefused, match="at least one commit"):
        parse_options(["--repo", str(tmp_path)])


def test_a_repository_is_taken_though_what_is_checked_out_has_no_commit(tmp_path):
    git = ["git", "-C", str(tmp_path), "-c", "user.name=Ana", "-c", "user.email=ana@example.com"]
    for order in (
        ["init", "-q", "-b", "work"],
        ["commit", "-q", "--allow-empty", "-m", "One"],
        ["checkout", "-q", "--orphan", "new"],
    ):
        subprocess.run([*git, *order], check=True)
    assert parse_options(["--repo", str(tmp_path)]).repository == tmp_path.resolve()


@pytest.mark.parametrize("arguments", [["--port", "0"], ["--port", "65536"], ["--port", "x"], ["--colour", "red"]])
def test_what_makes_no_sense_ends_with_the_usage(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        parse_options(arguments)
    assert caught.value.code == 2
    assert "usage: python -m demo" in capsys.readouterr().err
