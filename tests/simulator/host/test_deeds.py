"""What the forms of the pages do."""

from __future__ import annotations

import pytest

from simulator.host.deeds import with_problem

PULL_REQUEST = "/acme/paint/pull-requests/1"


@pytest.fixture
def events(site):
    """The keys of what happens."""
    found = []
    listener = lambda event: found.append(event.key)  # noqa: E731
    site.cast.world.listeners.append(listener)
    yield found
    site.cast.world.listeners.remove(listener)


def problem(answer):
    location = answer.headers["Location"]
    assert "problem=" in location, location
    return location.partition("problem=")[2].replace("+", " ")


def do(site, action, **form):
    return site.post(PULL_REQUEST, action=action, **form)


class TestOnAPullRequest:
    @pytest.mark.parametrize(
        ("actions", "events_wanted"),
        [
            (["approve"], ["pullrequest:approved"]),
            (["approve", "unapprove"], ["pullrequest:approved", "pullrequest:unapproved"]),
            (["request_changes"], ["pullrequest:changes_request_created"]),
            (
                ["request_changes", "withdraw_changes_request"],
                ["pullrequest:changes_request_created", "pullrequest:changes_request_removed"],
            ),
            (["decline"], ["pullrequest:rejected"]),
            (["convert_to_draft"], ["pullrequest:updated"]),
            (["convert_to_draft", "mark_ready"], ["pullrequest:updated", "pullrequest:updated"]),
        ],
    )
    def test_a_button_becomes_what_bitbucket_would_tell(self, site, events, actions, events_wanted):
        for action in actions:
            answer = do(site, action)
            assert (answer.status_code, answer.headers["Location"]) == (303, PULL_REQUEST)
        assert events == events_wanted

    def test_a_merge_is_made_in_git(self, site, events):
        assert do(site, "merge", strategy="squash").headers["Location"] == PULL_REQUEST
        assert "pullrequest:fulfilled" in events
        assert site.cast.pull_request.state == "MERGED"
        assert b"blue" in site.cast.paint.git.file_content(site.cast.paint.git.commit("main").hash, "src/doors.py")

    def test_a_strategy_that_is_none_is_left_to_the_repository(self, site):
        assert do(site, "merge", strategy="magic").headers["Location"] == PULL_REQUEST
        assert site.cast.pull_request.state == "MERGED"

    def test_a_comment_is_said_by_the_viewer(self, site, events):
        site.view_as(site.cast.bob)
        do(site, "comment", text="  Navy.  ")
        newest = max(site.cast.pull_request.comments.values(), key=lambda one: one.id)
        assert (newest.raw, newest.user) == ("Navy.", site.cast.bob)
        assert events == ["pullrequest:comment_created"]

    def test_saying_nothing_does_nothing(self, site, events):
        assert do(site, "comment", text=" ").status_code == 303
        assert events == []

    def test_an_unknown_button_is_refused(self, site):
        assert do(site, "explode").status_code == 400

    def test_what_the_world_refuses_is_said_on_the_page(self, site, events):
        do(site, "decline")
        assert problem(do(site, "merge"))
        assert "danger" in site.get(f"{PULL_REQUEST}?problem=It+is+closed")
        assert "It is closed" in site.words(f"{PULL_REQUEST}?problem=It+is+closed")

    def test_somebody_who_is_logged_out_can_do_nothing(self, site, events):
        site.cast.paint.is_private = False
        site.view_as(None)
        assert problem(do(site, "approve")) == "Log in to do this."
        assert events == []

    @pytest.mark.parametrize("action", ["merge", "decline", "convert_to_draft"])
    def test_a_reader_cannot_end_what_is_not_theirs(self, site, events, action):
        site.cast.paint.is_private = False
        site.view_as(site.cast.charlie)
        assert "no write access" in problem(do(site, action))
        assert events == []

    def test_authors_can_decline_their_own_without_writing(self, site, events):
        del site.cast.paint.permissions[site.cast.bob.uuid]
        site.cast.paint.is_private = False
        site.view_as(site.cast.bob)
        do(site, "decline")
        assert events == ["pullrequest:rejected"]

    def test_a_hidden_repository_is_not_there(self, site):
        site.view_as(site.cast.charlie)
        assert do(site, "approve").status_code == 404


class TestOpening:
    FORM = "/acme/paint/pull-requests/new"

    def test_it_opens_and_goes_there(self, site, events):
        site.post("/acme/paint/branches/", name="walls", target="main")
        site.post("/acme/paint/commits/", branch="walls", message="Green")
        events.clear()
        answer = site.post(
            self.FORM,
            source="walls",
            destination="main",
            title="Green walls",
            description="Why not",
            reviewers=[site.cast.bob.uuid, "{nobody}"],
            draft="on",
            close_source_branch="on",
        )
        assert answer.headers["Location"] == "/acme/paint/pull-requests/2"
        it = site.cast.paint.pull_requests[2]
        assert (it.title, it.draft, it.close_source_branch, it.reviewers) == (
            "Green walls",
            True,
            True,
            [site.cast.bob],
        )
        assert it.author is site.cast.alice
        assert "pullrequest:created" in events

    def test_a_refusal_brings_back_to_the_form(self, site):
        answer = site.post(self.FORM, source="nothing", destination="main", title="x")
        assert answer.headers["Location"].startswith(f"{self.FORM}?problem=")

    def test_it_needs_somebody(self, site):
        site.cast.paint.is_private = False
        site.view_as(None)
        assert site.post(self.FORM, source="feature/doors", title="x").status_code == 403


class TestPushing:
    def test_a_file_can_be_written(self, site, events):
        answer = site.post(
            "/acme/paint/commits/", branch="main", message="Say hello", path="hello.txt", content="Hello\n"
        )
        assert answer.headers["Location"] == "/acme/paint/commits/"
        git = site.cast.paint.git
        commit = git.commit("main")
        assert commit.message.strip() == "Say hello"
        assert git.file_content(commit.hash, "hello.txt") == b"Hello\n"
        assert events[0] == "repo:push"

    def test_without_a_file_a_line_is_added_somewhere(self, site):
        before = site.cast.paint.git.commit("main").hash
        site.post("/acme/paint/commits/", branch="main", message="")
        assert site.cast.paint.git.commit("main").hash != before
        assert site.cast.paint.git.commit("main").message.strip() == "Change something"

    def test_a_branch_is_made_and_deleted(self, site, events):
        site.post("/acme/paint/branches/", name=" walls ", target="main")
        assert "walls" in site.cast.paint.git.branches()
        site.post("/acme/paint/branches/delete", name="walls")
        assert "walls" not in site.cast.paint.git.branches()
        assert events == ["repo:push", "repo:branch_created", "repo:push", "repo:branch_deleted"]

    def test_a_refusal_is_said_where_the_form_stood(self, site):
        answer = site.post("/acme/paint/branches/", name="main", target="main")
        assert answer.headers["Location"].startswith("/acme/paint/branches/?problem=")
        answer = site.post(
            "/acme/paint/commits/", branch="", message="x", path="/etc/x", back="/acme/paint/commits/?branch=main"
        )
        assert "branch=main&problem=" in answer.headers["Location"] or answer.status_code == 303

    def test_a_build_is_reported(self, site, events):
        tip = site.cast.pull_request.source_hash
        answer = site.post(f"/acme/paint/commits/{tip}", key="lint", state="FAILED")
        assert answer.headers["Location"] == f"/acme/paint/commits/{tip}"
        assert site.cast.paint.build_statuses[tip]["lint"].state == "FAILED"
        assert events == ["repo:commit_status_created"]
        assert "A build failed" in site.words(f"/acme/paint/commits/{tip}")

    def test_a_state_that_is_none_is_refused(self, site):
        assert site.post(f"/acme/paint/commits/{site.cast.pull_request.source_hash}", state="FINE").status_code == 400

    @pytest.mark.parametrize("path", ["commits/", "branches/", "branches/delete"])
    def test_a_reader_cannot_push(self, site, events, path):
        site.cast.paint.is_private = False
        site.view_as(site.cast.charlie)
        assert site.post(f"/acme/paint/{path}", name="x", branch="main", target="main").status_code == 403
        assert events == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/a/b", "/a/b?problem=No+way"),
        ("/a/b?x=1", "/a/b?x=1&problem=No+way"),
        ("/a/b?problem=Old&x=1", "/a/b?x=1&problem=No+way"),
    ],
)
def test_a_problem_is_said_once(address, expected):
    assert with_problem(address, "No way") == expected


def test_a_form_is_taken_from_whoever_looks_and_from_nobody_else(site, events):
    """The acting person is the cookie's; a name in the form changes nothing."""
    site.view_as(site.cast.bob)
    do(site, "comment", text="Mine", actor=site.cast.alice.uuid, user=site.cast.alice.uuid)
    newest = max(site.cast.pull_request.comments.values(), key=lambda one: one.id)
    assert newest.user is site.cast.bob


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/acme/paint/pull-requests/9", {"action": "approve"}),
        ("/acme/nothing/commits/", {"branch": "main"}),
        ("/nobody/paint/branches/", {"name": "x", "target": "main"}),
        ("/acme/paint/commits/ffffffffff", {"state": "FAILED"}),
    ],
)
def test_nothing_happens_to_what_is_not_there(site, events, path, form):
    answer = site.post(path, **form)
    assert answer.status_code == 404 or "problem=" in answer.headers["Location"]
    assert events == []
