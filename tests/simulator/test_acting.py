"""Actions by name, from JSON."""

from __future__ import annotations

import inspect

import pytest

from simulator import acting, casting
from simulator.world.actions import ACTIONS
from simulator.world.errors import Invalid, Missing


def act(cast, action, **wish):
    wish = {"action": action, **wish}
    return acting.act(cast.world, wish, default_actor=lambda one: casting.default_actor(cast.world, one))


def on_pull_request(cast, action, **wish):
    return act(cast, action, repository="acme/paint", pull_request=1, **wish)


def test_a_pull_request_lives_its_life(cast):
    on_pull_request(cast, "comment", actor="alice", text="Why?")
    on_pull_request(cast, "request_changes", actor="alice")
    on_pull_request(cast, "withdraw_changes_request", actor="alice")
    on_pull_request(cast, "approve", actor="alice")
    merged = on_pull_request(cast, "merge", actor="alice", strategy="squash")
    assert (merged["state"], merged["id"]) == ("MERGED", 1)
    assert cast.pull_request.state == "MERGED"


def test_one_can_be_opened_with_people_by_any_name(cast):
    act(cast, "create_branch", repository="acme/paint", name="walls", target="main", actor="bob")
    pushed = act(cast, "push_commit", repository="acme/paint", branch="walls", message="Green", files={"a.txt": "x\n"})
    opened = act(
        cast,
        "open_pull_request",
        repository=cast.paint.uuid,
        author=cast.bob.account_id,
        source="walls",
        title="Green walls",
        reviewers=["alice", cast.charlie.uuid],
        draft=True,
    )
    assert len(pushed["hash"]) == 40
    assert (opened["title"], opened["draft"], opened["author"]["uuid"]) == ("Green walls", True, cast.bob.uuid)


def test_what_an_action_gives_back_is_named_shortly(cast):
    assert on_pull_request(cast, "comment", text="Hm")["id"] in cast.pull_request.comments
    status = act(
        cast, "set_build_status", repository="acme/paint", commit=cast.pull_request.source_hash, key="k", state="FAILED"
    )
    assert status["key"] == "k"
    assert on_pull_request(cast, "approve") is None
    made = act(cast, "create_repository", workspace="acme", name="New")
    assert made["full_name"] == "acme/new"
    assert act(cast, "delete_repository", repository="acme/new") is None


def test_a_repository_can_move_house(cast):
    act(cast, "transfer_repository", repository="acme/paint", workspace="other")
    assert cast.paint.workspace is cast.other


def test_an_issue_can_be_reported_changed_and_talked_about(cast):
    cast.paint.has_issues = True
    made = act(cast, "report_issue", repository="acme/paint", title="It peels", kind="bug", assignee="bob")
    act(cast, "change_issue", repository="acme/paint", issue=made["id"], state="open", actor="alice")
    act(cast, "comment_on_issue", repository="acme/paint", issue=made["id"], text="I see it")
    issue = cast.paint.issue_tracker.issues[made["id"]]
    assert (issue.assignee, issue.state, len(issue.comments)) == (cast.bob, "open", 1)
    with pytest.raises(Missing, match="There is no issue 99"):
        act(cast, "comment_on_issue", repository="acme/paint", issue=99, text="?")


def test_who_wrote_a_commit_can_differ_from_who_pushed_it(cast):
    wish = {"repository": "acme/paint", "branch": "main", "message": "Both", "actor": "alice", "author": "bob"}
    pushed = act(cast, "push_commit", **wish)
    commit = cast.paint.git.commit(pushed["hash"])
    assert (commit.author.email, commit.committer.email) == ("bob@example.com", "alice@example.com")


def test_a_comment_can_stand_in_a_file(cast):
    inline = {"path": "src/doors.py", "to_line": 1}
    made = on_pull_request(cast, "comment", text="Here", inline=inline)
    assert cast.pull_request.comments[made["id"]].inline.to_line == 1


def test_a_project_is_named_by_its_key(cast):
    act(cast, "update_project", repository="acme/paint", workspace="acme", project="HOME", name="House")
    assert cast.acme.projects["HOME"].name == "House"
    with pytest.raises(Missing, match="There is no project"):
        act(cast, "update_project", repository="acme/paint", workspace="acme", project="NONE")


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"action": "paint"}, "There is no action 'paint'; there are add_task, approve"),
        ({}, "There is no action None"),
        ({"action": "approve", "repository": "acme/paint"}, "approve needs pull_request"),
        ({"action": "push_commit", "branch": "main", "message": "x"}, "repository is missing"),
        ({"action": "approve", "repository": "acme/paint", "pull_request": 1, "loudly": 1}, "approve takes no loudly"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_with_a_sentence(cast, wish, words):
    with pytest.raises(Invalid, match=words):
        acting.act(cast.world, wish, default_actor=lambda _one: cast.alice)


@pytest.mark.parametrize("number", [9, "1", None])
def test_a_pull_request_that_is_not_there_is_missing(cast, number):
    with pytest.raises(Missing, match="There is no pull request"):
        act(cast, "approve", repository="acme/paint", pull_request=number)


def test_a_person_who_is_not_there_is_missing(cast):
    with pytest.raises(Missing, match="not a valid user"):
        on_pull_request(cast, "approve", actor="zoe")


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_every_action_takes_arguments_that_json_can_name(name):
    plain = {"str", "bool", "int"}
    for parameter in list(inspect.signature(ACTIONS[name]).parameters.values())[1:]:
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            continue
        words = set(str(parameter.annotation).replace("|", " ").replace("[", " ").replace("]", " ").split())
        is_plain = (
            bool(words & plain) or "Literal" in str(parameter.annotation) or parameter.name in {"strategy", "state"}
        )
        assert is_plain or parameter.name in {*acting._BY_NAME, "repository"}, f"{name}({parameter})"
