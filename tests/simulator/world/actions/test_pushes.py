"""Pushes: what git holds afterwards, what repo:push says of each kind of change, what pull requests learn."""

from __future__ import annotations

import pytest

from simulator.world import actions
from simulator.world.errors import Conflict, Invalid, Missing
from simulator.world.git import Signature
from tests.simulator.tidepool import SPIRAL, Tidepool


def change_of(pool: Tidepool) -> dict:
    (change,) = pool.of("repo:push")["push"]["changes"]
    return change


class TestCommits:
    def test_a_commit_is_made_by_the_actor_now(self, pool: Tidepool):
        made = actions.push_commit(
            pool.world, pool.shells, actor=pool.bob, branch=SPIRAL, message="More", files={"src/new.py": "x = 1\n"}
        )
        assert (made.author.name, made.author.email) == ("Bob Example", "bob@tidepool.example")
        assert made.author.at == pool.clock.at
        assert pool.shells.git.branches()[SPIRAL] == made.hash
        assert pool.shells.git.file_content(SPIRAL, "src/new.py") == b"x = 1\n"
        assert pool.shells.git.file_content(SPIRAL, "README.md") == b"# Shells\n"

    def test_the_author_may_be_another_than_who_pushes(self, pool: Tidepool):
        author = Signature("Ann", "ann@far.example", pool.clock.at)
        made = actions.push_commit(pool.world, pool.shells, actor=pool.bob, branch="x", message="x", author=author)
        assert (made.author.name, made.committer.name) == ("Ann", "Bob Example")

    def test_no_content_deletes_a_file(self, pool: Tidepool):
        actions.push_commit(
            pool.world, pool.shells, actor=pool.bob, branch="main", message="Drop", files={"src/sand.py": None}
        )
        with pytest.raises(Missing):
            pool.shells.git.file_content("main", "src/sand.py")

    def test_without_files_a_note_is_taken(self, pool: Tidepool):
        for message in ("One\n\nbody", "Two"):
            actions.push_commit(pool.world, pool.shells, actor=pool.bob, branch="notes", message=message)
        assert pool.shells.git.file_content("notes", "NOTES.md") == b"- One\n- Two\n"

    def test_a_new_branch_begins_at_the_main_branch(self, pool: Tidepool):
        tip = pool.shells.git.branches()["main"]
        made = actions.push_commit(pool.world, pool.shells, actor=pool.bob, branch="new", message="New")
        assert made.parents == (tip,)
        assert change_of(pool)["created"] is True

    def test_the_first_commit_of_an_empty_repository_has_no_parent(self, pool: Tidepool):
        empty = actions.create_repository(pool.world, pool.workspace, actor=pool.alice, name="empty")
        made = actions.push_commit(pool.world, empty, actor=pool.alice, branch="main", message="Begin")
        assert made.parents == ()
        assert list(empty.git.history) == [made.hash]

    def test_the_push_says_what_changed_in_the_recorded_shape(self, pool: Tidepool):
        old = pool.shells.git.branches()[SPIRAL]
        made = actions.push_commit(pool.world, pool.shells, actor=pool.bob, branch=SPIRAL, message="More")
        change = change_of(pool)
        assert (change["created"], change["closed"], change["forced"], change["truncated"]) == (False,) * 4
        assert (change["old"]["target"]["hash"], change["new"]["target"]["hash"]) == (old, made.hash)
        assert change["new"]["type"] == "branch"
        assert [one["hash"] for one in change["commits"]] == [made.hash]
        assert change["commits"][0]["author"]["user"]["uuid"] == pool.bob.uuid
        base = "https://api.bitbucket.org/2.0/repositories/tidepool/shells"
        assert change["links"]["commits"]["href"] == f"{base}/commits?include={made.hash}&exclude={old}"
        assert change["links"]["diff"]["href"] == f"{base}/diff/{made.hash}..{old}"
        assert set(change["links"]) == {"commits", "diff", "html"}

    def test_at_most_five_commits_are_shown_and_the_rest_is_said_to_be_missing(self, pool: Tidepool):
        git, old = pool.shells.git, pool.shells.git.branches()["main"]
        author = Signature("Bob Example", pool.bob.email, pool.clock.at)
        hashes = [
            git.commit_files(
                "six", files={"n": bytes(n)}, message=f"{n}", author=author, parent=old if n == 0 else None
            ).hash
            for n in range(6)
        ]
        git.set_branch("six", old)
        actions.force_push(pool.world, pool.shells, actor=pool.bob, branch="six", target=hashes[-1])
        change = change_of(pool)
        assert [one["hash"] for one in change["commits"]] == hashes[:0:-1]
        assert change["truncated"] is True


class TestPullRequestsOfABranch:
    def test_the_source_moves_and_two_events_follow_the_push(self, pool: Tidepool):
        pull_request = pool.open()
        made = actions.push_commit(pool.world, pool.shells, actor=pool.bob, branch=SPIRAL, message="More")
        assert pull_request.source_hash == made.hash
        assert pool.keys == ["repo:push", "pullrequest:updated", "pullrequest:push"]
        body = pool.of("pullrequest:updated")["pullrequest"]
        assert body["source"]["commit"]["hash"] == made.hash[:12]
        assert pull_request.activity[-1].update.source_hash == made.hash

    def test_approvals_stay_unless_the_repository_resets_them(self, pool: Tidepool):
        pull_request = pool.open()
        actions.approve(pool.world, pull_request, actor=pool.alice)
        actions.push_commit(pool.world, pool.shells, actor=pool.bob, branch=SPIRAL, message="More")
        assert pull_request.participant(pool.alice).approved
        pool.shells.reset_approvals_on_change = True
        actions.push_commit(pool.world, pool.shells, actor=pool.bob, branch=SPIRAL, message="Even more")
        assert pull_request.participant(pool.alice).state is None

    def test_a_request_for_changes_survives_a_reset(self, pool: Tidepool):
        pool.shells.reset_approvals_on_change = True
        pull_request = pool.open()
        actions.request_changes(pool.world, pull_request, actor=pool.alice)
        actions.push_commit(pool.world, pool.shells, actor=pool.bob, branch=SPIRAL, message="More")
        assert pull_request.participant(pool.alice).state == "changes_requested"

    def test_closed_ones_do_not_move(self, pool: Tidepool):
        pull_request = pool.open()
        actions.decline(pool.world, pull_request, actor=pool.bob)
        before = pull_request.source_hash
        actions.push_commit(pool.world, pool.shells, actor=pool.bob, branch=SPIRAL, message="More")
        assert pull_request.source_hash == before

    def test_commits_that_reach_the_destination_by_a_push_fulfil_it(self, pool: Tidepool):
        pull_request = pool.open()
        actions.force_push(pool.world, pool.shells, actor=pool.alice, branch="main", target=pull_request.source_hash)
        assert (pull_request.state, pull_request.merge_commit) == ("MERGED", pull_request.source_hash)
        assert pool.keys == ["repo:push", "pullrequest:fulfilled"]

    def test_one_from_a_fork_learns_of_a_push_to_the_fork(self, pool: Tidepool):
        fork = actions.fork_repository(pool.world, pool.shells, actor=pool.charlie, workspace=pool.elsewhere)
        actions.push_commit(pool.world, fork, actor=pool.charlie, branch="mine", message="One")
        pull_request = pool.open("mine", author=pool.charlie, source_repository=fork)
        made = actions.push_commit(pool.world, fork, actor=pool.charlie, branch="mine", message="Two")
        assert pull_request.source_hash == made.hash
        assert len(pool.shells.git.pull_request_commits(pull_request)) == 2


class TestForcePushes:
    def test_the_newest_commit_is_rewritten_and_the_old_one_still_known(self, pool: Tidepool):
        old = pool.shells.git.commit(SPIRAL)
        made = actions.force_push(pool.world, pool.shells, actor=pool.bob, branch=SPIRAL)
        assert made.hash != old.hash
        assert (made.tree, made.parents, made.message) == (old.tree, old.parents, old.message)
        assert pool.shells.git.commit(old.hash) == old
        assert change_of(pool)["forced"] is True

    def test_it_can_go_back_to_an_older_commit(self, pool: Tidepool):
        target = pool.shells.git.commit(SPIRAL).parents[0]
        actions.force_push(pool.world, pool.shells, actor=pool.bob, branch=SPIRAL, target=target)
        assert pool.shells.git.branches()[SPIRAL] == target
        assert change_of(pool)["commits"] == []

    def test_a_branch_that_is_not_there_is_missing(self, pool: Tidepool):
        with pytest.raises(Missing):
            actions.force_push(pool.world, pool.shells, actor=pool.bob, branch="nope")


class TestBranches:
    def test_a_new_branch_shows_the_commits_that_others_had_too(self, pool: Tidepool):
        tip = actions.create_branch(pool.world, pool.shells, actor=pool.bob, name="fix/a%b#c", target="main")
        change = change_of(pool)
        assert (change["old"], change["new"]["name"], change["created"]) == (None, "fix/a%b#c", True)
        assert change["commits"][0]["hash"] == tip
        assert len(change["commits"]) == 3
        assert set(change["links"]) == {"commits", "html"}
        assert pool.keys == ["repo:push", "repo:branch_created"]
        assert change["new"]["links"]["self"]["href"].endswith("/refs/branches/fix/a%25b%23c")

    @pytest.mark.parametrize("name", [SPIRAL, "bad..name", "space at end "])
    def test_a_taken_or_impossible_name_is_refused(self, pool: Tidepool, name: str):
        with pytest.raises(Invalid):
            actions.create_branch(pool.world, pool.shells, actor=pool.bob, name=name, target="main")

    def test_a_deleted_branch_has_neither_links_nor_commits(self, pool: Tidepool):
        actions.delete_branch(pool.world, pool.shells, actor=pool.bob, name=SPIRAL)
        change = change_of(pool)
        assert (change["new"], change["closed"], change["old"]["name"]) == (None, True, SPIRAL)
        assert not {"links", "commits"} & set(change)
        assert pool.keys == ["repo:push", "repo:branch_deleted"]

    def test_its_open_pull_requests_stay_open_and_its_commits_known(self, pool: Tidepool):
        pull_request = pool.open()
        actions.delete_branch(pool.world, pool.shells, actor=pool.bob, name=SPIRAL)
        assert pull_request.state == "OPEN"
        assert len(pool.shells.git.pull_request_commits(pull_request)) == 2

    def test_the_main_branch_cannot_be_deleted(self, pool: Tidepool):
        with pytest.raises(Conflict):
            actions.delete_branch(pool.world, pool.shells, actor=pool.alice, name="main")

    def test_a_branch_that_is_not_there_is_missing(self, pool: Tidepool):
        with pytest.raises(Missing):
            actions.delete_branch(pool.world, pool.shells, actor=pool.alice, name="nope")


class TestTags:
    def test_an_annotated_tag_is_announced_with_its_message(self, pool: Tidepool):
        actions.create_tag(pool.world, pool.shells, actor=pool.bob, name="v2", target="main", message="Second")
        change = change_of(pool)
        assert (change["new"]["type"], change["new"]["message"], change["new"]["tagger"]) == ("tag", "Second", {})
        assert set(change["links"]) == {"commits"}
        assert "commits" not in change
        assert pool.keys == ["repo:push"]

    def test_a_lightweight_tag_has_neither_message_nor_tagger(self, pool: Tidepool):
        actions.create_tag(pool.world, pool.shells, actor=pool.bob, name="v2", target="main")
        assert (change_of(pool)["new"]["message"], change_of(pool)["new"]["tagger"]) == (None, None)

    def test_a_deleted_tag_is_announced(self, pool: Tidepool):
        actions.delete_tag(pool.world, pool.shells, actor=pool.bob, name="v1.0")
        assert change_of(pool)["old"]["name"] == "v1.0"
        assert "v1.0" not in pool.shells.git.tags()

    def test_a_taken_name_is_refused(self, pool: Tidepool):
        with pytest.raises(Invalid, match="already exists"):
            actions.create_tag(pool.world, pool.shells, actor=pool.bob, name="v1.0", target="main")

    def test_an_unknown_tag_is_missing(self, pool: Tidepool):
        with pytest.raises(Missing):
            actions.delete_tag(pool.world, pool.shells, actor=pool.bob, name="v9")
