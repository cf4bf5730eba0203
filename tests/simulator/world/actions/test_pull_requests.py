"""A pull request's life: what changes, what the log says, what is announced, and what git then holds."""

from __future__ import annotations

import pytest

from simulator.world import actions
from simulator.world.errors import Conflict, Invalid
from tests.simulator.tidepool import SPIRAL, Tidepool


def log_of(pull_request) -> list[tuple[str, dict]]:
    return [(entry.kind, entry.update.changes if entry.update else {}) for entry in pull_request.activity]


class TestOpening:
    def test_it_gets_the_next_number_and_the_branches_hashes(self, pool: Tidepool):
        made = actions.open_pull_request(pool.world, pool.shells, author=pool.bob, title="Wind", source=SPIRAL)
        branches = pool.shells.git.branches()
        assert (made.id, made.state) == (1, "OPEN")
        assert (made.source_hash, made.destination_hash) == (branches[SPIRAL], branches["main"])
        assert made.destination_branch == "main"
        assert pool.shells.pull_requests == {1: made}

    def test_a_second_one_counts_on_from_the_highest_number(self, pool: Tidepool):
        pool.shells.pull_requests[41] = pool.open()
        assert pool.open("conflict").id == 42

    def test_it_announces_pullrequest_created_with_the_whole_pull_request(self, pool: Tidepool):
        actions.open_pull_request(
            pool.world,
            pool.shells,
            author=pool.bob,
            title="Wind",
            source=SPIRAL,
            description="* one\n* two",
            draft=True,
        )
        body = pool.of("pullrequest:created")
        assert pool.keys == ["pullrequest:created"]
        assert body["actor"]["uuid"] == pool.bob.uuid
        assert body["repository"]["full_name"] == "tidepool/shells"
        assert body["pullrequest"]["draft"] is True
        assert body["pullrequest"]["source"]["branch"]["name"] == SPIRAL
        assert body["pullrequest"]["rendered"]["description"]["html"] == "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"

    def test_its_log_begins_with_an_update(self, pool: Tidepool):
        assert log_of(pool.open()) == [("update", {})]

    def test_the_default_reviewers_are_asked_but_not_the_author(self, pool: Tidepool):
        pool.shells.default_reviewers = [pool.alice, pool.bob]
        assert pool.open(reviewers=None).reviewers == [pool.alice]

    def test_an_empty_list_asks_nobody(self, pool: Tidepool):
        pool.shells.default_reviewers = [pool.alice]
        assert pool.open(reviewers=[]).reviewers == []

    def test_the_author_cannot_review(self, pool: Tidepool):
        with pytest.raises(Invalid, match="is the author and cannot be included as a reviewer") as refusal:
            pool.open(reviewers=[pool.bob])
        assert "reviewers" in refusal.value.fields

    @pytest.mark.parametrize(("end", "name"), [("source", "dummy"), ("destination", "nowhere")])
    def test_a_branch_that_is_not_there_is_refused_in_the_recorded_words(self, pool: Tidepool, end: str, name: str):
        branches = {"source": SPIRAL, "destination": "main"} | {end: name}
        with pytest.raises(Invalid, match=f"{end}: branch not found: {name}") as refusal:
            actions.open_pull_request(pool.world, pool.shells, author=pool.bob, title="x", **branches)
        assert refusal.value.fields == {end: [f"branch not found: {name}"]}

    def test_a_branch_without_news_is_refused(self, pool: Tidepool):
        with pytest.raises(Invalid, match="no changes to be pulled"):
            pool.open("docs/shell-names")

    def test_a_blank_title_is_refused(self, pool: Tidepool):
        with pytest.raises(Invalid) as refusal:
            pool.open(title="  ")
        assert "title" in refusal.value.fields

    def test_it_can_come_from_a_fork(self, pool: Tidepool):
        fork = actions.fork_repository(pool.world, pool.shells, actor=pool.charlie, workspace=pool.elsewhere)
        pushed = actions.push_commit(pool.world, fork, actor=pool.charlie, branch="mine", message="Mine")
        made = pool.open("mine", author=pool.charlie, source_repository=fork)
        assert made.source_repository is fork
        assert pool.shells.git.pull_request_commits(made) == [pushed.hash]


class TestChanging:
    def test_only_what_changed_is_logged_and_announced(self, pool: Tidepool):
        pull_request = pool.open()
        pool.clock.advance(hours=1)
        actions.update_pull_request(
            pool.world, pull_request, actor=pool.bob, title="Wind left", description=pull_request.description
        )
        change = {"title": {"old": "Wind the shells", "new": "Wind left"}}
        assert log_of(pull_request)[-1] == ("update", change)
        assert pull_request.updated_on == pool.clock.at
        assert pool.of("pullrequest:updated")["pullrequest"]["title"] == "Wind left"

    def test_no_change_is_no_event(self, pool: Tidepool):
        pull_request = pool.open()
        actions.update_pull_request(pool.world, pull_request, actor=pool.bob, title=pull_request.title)
        assert pool.keys == []
        assert len(pull_request.activity) == 1

    def test_a_draft_becomes_ready_and_a_draft_again(self, pool: Tidepool):
        pull_request = pool.open(draft=True)
        actions.mark_ready(pool.world, pull_request, actor=pool.bob)
        assert pull_request.draft is False
        actions.convert_to_draft(pool.world, pull_request, actor=pool.bob)
        assert pull_request.draft is True
        assert [changes["draft"] for _, changes in log_of(pull_request)[1:]] == [
            {"old": True, "new": False},
            {"old": False, "new": True},
        ]

    def test_reviewers_are_replaced(self, pool: Tidepool):
        pull_request = pool.open()
        actions.update_pull_request(pool.world, pull_request, actor=pool.bob, reviewers=[pool.erin])
        assert pull_request.reviewers == [pool.erin]
        assert pull_request.participant(pool.alice) is None
        told = log_of(pull_request)[-1][1]["reviewers"]
        assert [one["uuid"] for one in told["added"]] == [pool.erin.uuid]
        assert [one["uuid"] for one in told["removed"]] == [pool.alice.uuid]

    def test_a_removed_reviewer_who_had_spoken_stays_a_participant(self, pool: Tidepool):
        pull_request = pool.open()
        actions.comment(pool.world, pull_request, actor=pool.alice, text="Hm")
        actions.update_pull_request(pool.world, pull_request, actor=pool.bob, reviewers=[])
        assert pull_request.participant(pool.alice).role == "PARTICIPANT"

    def test_the_destination_can_change(self, pool: Tidepool):
        pull_request = pool.open()
        actions.update_pull_request(pool.world, pull_request, actor=pool.bob, destination="conflict")
        assert pull_request.destination_hash == pool.shells.git.branches()["conflict"]
        assert "destination" in log_of(pull_request)[-1][1]

    def test_a_closed_one_cannot_be_changed(self, pool: Tidepool):
        pull_request = pool.open()
        actions.decline(pool.world, pull_request, actor=pool.bob)
        with pytest.raises(Invalid, match="already closed"):
            actions.update_pull_request(pool.world, pull_request, actor=pool.bob, title="x")


class TestMerging:
    def test_git_gets_a_merge_commit_with_both_parents_and_the_message(self, pool: Tidepool):
        pull_request = pool.open()
        before = pool.shells.git.branches()["main"]
        actions.approve(pool.world, pull_request, actor=pool.alice)
        actions.merge(pool.world, pull_request, actor=pool.alice)
        made = pool.shells.git.commit("main")
        assert made.parents == (before, pull_request.source_hash)
        assert made.hash == pull_request.merge_commit
        assert made.message == (
            "Merged in feature/spiral (pull request #1)\n\nWind the shells\n\nApproved-by: Alice Example\n"
        )
        assert pool.shells.git.file_content("main", "src/spiral.py") == b"turns = 4\nleft = True\n"
        assert pool.shells.git.file_content("main", "src/sand.py").startswith(b"grains = 3")

    def test_it_is_closed_by_the_merger_with_the_destination_as_it_was(self, pool: Tidepool):
        pull_request = pool.open()
        before = pool.shells.git.branches()["main"]
        at = pool.clock.advance(hours=3)
        actions.merge(pool.world, pull_request, actor=pool.alice)
        assert (pull_request.state, pull_request.closed_by, pull_request.closed_on) == ("MERGED", pool.alice, at)
        assert pull_request.destination_hash == before
        assert len(pool.shells.git.pull_request_commits(pull_request)) == 2
        assert log_of(pull_request)[-1][1] == {"status": {"old": "open", "new": "fulfilled"}}

    def test_the_push_is_announced_before_the_merge_and_the_closed_branch_after(self, pool: Tidepool):
        pull_request = pool.open(close_source_branch=True)
        actions.merge(pool.world, pull_request, actor=pool.alice)
        assert pool.keys == ["repo:push", "pullrequest:fulfilled", "repo:push", "repo:branch_deleted"]
        merged, closed = (event.body["push"]["changes"][0] for event in pool.events if event.key == "repo:push")
        assert (merged["new"]["name"], merged["commits"], merged["truncated"]) == ("main", [], False)
        assert (closed["closed"], closed["new"], closed["old"]["name"]) == (True, None, SPIRAL)
        assert SPIRAL not in pool.shells.git.branches()

    def test_the_branch_stays_unless_it_is_to_be_closed(self, pool: Tidepool):
        actions.merge(pool.world, pool.open(), actor=pool.alice)
        assert SPIRAL in pool.shells.git.branches()

    def test_the_call_can_override_what_was_asked_when_it_was_opened(self, pool: Tidepool):
        actions.merge(pool.world, pool.open(close_source_branch=True), actor=pool.alice, close_source_branch=False)
        assert SPIRAL in pool.shells.git.branches()

    def test_a_squash_has_one_parent(self, pool: Tidepool):
        pull_request = pool.open()
        before = pool.shells.git.branches()["main"]
        actions.merge(pool.world, pull_request, actor=pool.alice, strategy="squash")
        assert pool.shells.git.commit("main").parents == (before,)

    def test_a_fast_forward_makes_no_commit(self, pool: Tidepool):
        actions.push_commit(pool.world, pool.shells, actor=pool.bob, branch="ahead", message="Ahead")
        pull_request = pool.open("ahead")
        actions.merge(pool.world, pull_request, actor=pool.alice, strategy="fast_forward")
        assert pool.shells.git.branches()["main"] == pull_request.source_hash

    def test_a_fast_forward_that_is_not_one_is_a_conflict(self, pool: Tidepool):
        pull_request = pool.open()
        with pytest.raises(Conflict, match="Fast forward"):
            actions.merge(pool.world, pull_request, actor=pool.alice, strategy="fast_forward")
        assert pull_request.state == "OPEN"

    def test_conflicting_changes_are_a_conflict_that_names_the_file_and_changes_nothing(self, pool: Tidepool):
        pull_request = pool.open("conflict")
        before = pool.shells.git.branches()
        with pytest.raises(Conflict, match=r"src/sand\.py"):
            actions.merge(pool.world, pull_request, actor=pool.alice)
        assert pool.shells.git.branches() == before
        assert pull_request.state == "OPEN"
        assert pool.keys == []

    def test_a_draft_cannot_be_merged(self, pool: Tidepool):
        with pytest.raises(Invalid, match="draft"):
            actions.merge(pool.world, pool.open(draft=True), actor=pool.alice)

    def test_a_merged_one_cannot_be_merged_again(self, pool: Tidepool):
        pull_request = pool.open()
        actions.merge(pool.world, pull_request, actor=pool.alice)
        with pytest.raises(Invalid, match="already closed"):
            actions.merge(pool.world, pull_request, actor=pool.alice)

    def test_other_open_ones_then_stand_against_the_new_tip(self, pool: Tidepool):
        other = pool.open("conflict")
        actions.merge(pool.world, pool.open(), actor=pool.alice)
        assert other.destination_hash == pool.shells.git.branches()["main"]

    def test_ones_from_the_destination_branch_are_updated(self, pool: Tidepool):
        onward = pool.open("main", destination="conflict")
        actions.merge(pool.world, pool.open(), actor=pool.alice)
        assert onward.source_hash == pool.shells.git.branches()["main"]
        assert pool.keys[-2:] == ["pullrequest:updated", "pullrequest:push"]


class TestClosing:
    def test_declining_keeps_the_reason_and_announces_rejected(self, pool: Tidepool):
        pull_request = pool.open()
        actions.decline(pool.world, pull_request, actor=pool.alice, reason="Not now")
        body = pool.of("pullrequest:rejected")["pullrequest"]
        assert (body["state"], body["reason"], body["closed_by"]["uuid"]) == ("DECLINED", "Not now", pool.alice.uuid)
        assert log_of(pull_request)[-1][1]["status"]["new"] == "rejected"

    def test_superseding_announces_superseded(self, pool: Tidepool):
        actions.supersede(pool.world, pool.open(), actor=pool.alice)
        assert pool.of("pullrequest:superseded")["pullrequest"]["state"] == "SUPERSEDED"

    @pytest.mark.parametrize("close", [actions.decline, actions.supersede])
    def test_a_closed_one_cannot_be_closed(self, pool: Tidepool, close):
        pull_request = pool.open()
        close(pool.world, pull_request, actor=pool.alice)
        with pytest.raises(Invalid, match="already closed"):
            close(pool.world, pull_request, actor=pool.alice)
