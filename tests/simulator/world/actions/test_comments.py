"""Comments, threads and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator.world import actions
from simulator.world.errors import Conflict, Forbidden, Invalid, Missing, WorldError
from simulator.world.model import Inline

if TYPE_CHECKING:
    from tests.simulator.tidepool import Tidepool


class TestComments:
    def test_a_comment_makes_its_author_a_participant_and_is_announced(self, pool: Tidepool):
        pull_request = pool.open()
        at = pool.clock.advance(minutes=30)
        made = actions.comment(pool.world, pull_request, actor=pool.erin, text="Nice <b>")
        part = pull_request.participant(pool.erin)
        assert (part.role, part.state, part.participated_on) == ("PARTICIPANT", None, at)
        assert pull_request.updated_on == at
        body = pool.of("pullrequest:comment_created")
        assert body["comment"]["id"] == made.id
        assert body["comment"]["content"]["html"] == "<p>Nice &lt;b&gt;</p>"
        assert body["pullrequest"]["comment_count"] == 1

    def test_an_answer_names_the_comment_it_answers(self, pool: Tidepool):
        pull_request = pool.open()
        first = actions.comment(pool.world, pull_request, actor=pool.alice, text="Why?")
        pool.events.clear()
        actions.comment(pool.world, pull_request, actor=pool.bob, text="So.", parent=first.id)
        assert pool.of("pullrequest:comment_created")["comment"]["parent"]["id"] == first.id

    def test_a_comment_can_stand_on_a_line(self, pool: Tidepool):
        place = Inline("src/spiral.py", None, 2)
        actions.comment(pool.world, pool.open(), actor=pool.alice, text="Hm", inline=place)
        inline = pool.of("pullrequest:comment_created")["comment"]["inline"]
        assert inline == {"path": "src/spiral.py", "from": None, "to": 2}

    def test_a_pending_comment_is_told_to_nobody(self, pool: Tidepool):
        pull_request = pool.open()
        actions.comment(pool.world, pull_request, actor=pool.alice, text="Later", pending=True)
        assert pool.keys == []
        assert [entry.kind for entry in pull_request.activity] == ["update"]

    @pytest.mark.parametrize(("details", "field"), [({"text": " "}, "content"), ({"text": "x", "parent": 7}, "parent")])
    def test_an_empty_text_and_an_unknown_parent_are_refused(self, pool: Tidepool, details, field):
        with pytest.raises(Invalid) as refusal:
            actions.comment(pool.world, pool.open(), actor=pool.alice, **details)
        assert field in refusal.value.fields

    def test_an_edit_within_ten_minutes_is_not_announced(self, pool: Tidepool):
        pull_request = pool.open()
        made = actions.comment(pool.world, pull_request, actor=pool.alice, text="Nicce")
        pool.clock.advance(minutes=9)
        actions.update_comment(pool.world, pull_request, made.id, actor=pool.alice, text="Nice")
        assert made.raw == "Nice"
        assert "pullrequest:comment_updated" not in pool.keys

    def test_an_edit_after_ten_minutes_is(self, pool: Tidepool):
        pull_request = pool.open()
        made = actions.comment(pool.world, pull_request, actor=pool.alice, text="Nicce")
        pool.clock.advance(minutes=10)
        actions.update_comment(pool.world, pull_request, made.id, actor=pool.alice, text="Nice")
        assert pool.of("pullrequest:comment_updated")["comment"]["content"]["raw"] == "Nice"

    def test_nobody_edits_the_words_of_another(self, pool: Tidepool):
        pull_request = pool.open()
        made = actions.comment(pool.world, pull_request, actor=pool.alice, text="Mine")
        with pytest.raises(Forbidden):
            actions.update_comment(pool.world, pull_request, made.id, actor=pool.bob, text="Yours")

    def test_a_deleted_comment_keeps_its_place_without_its_words(self, pool: Tidepool):
        pull_request = pool.open()
        made = actions.comment(pool.world, pull_request, actor=pool.alice, text="Oops")
        actions.delete_comment(pool.world, pull_request, made.id, actor=pool.alice)
        body = pool.of("pullrequest:comment_deleted")
        assert (body["comment"]["deleted"], body["comment"]["content"]["raw"]) == (True, "")
        assert body["pullrequest"]["comment_count"] == 0
        assert made.id in pull_request.comments

    def test_a_deleted_comment_cannot_be_deleted_again(self, pool: Tidepool):
        pull_request = pool.open()
        made = actions.comment(pool.world, pull_request, actor=pool.alice, text="Oops")
        actions.delete_comment(pool.world, pull_request, made.id, actor=pool.alice)
        with pytest.raises(Missing):
            actions.delete_comment(pool.world, pull_request, made.id, actor=pool.alice)


class TestThreads:
    def test_a_thread_is_resolved_and_reopened(self, pool: Tidepool):
        pull_request = pool.open()
        made = actions.comment(pool.world, pull_request, actor=pool.alice, text="Why?")
        actions.resolve_comment(pool.world, pull_request, made.id, actor=pool.bob)
        resolution = pool.of("pullrequest:comment_resolved")["comment"]["resolution"]
        assert (resolution["type"], resolution["user"]["uuid"]) == ("comment_resolution", pool.bob.uuid)
        actions.reopen_comment(pool.world, pull_request, made.id, actor=pool.alice)
        assert "resolution" not in pool.of("pullrequest:comment_reopened")["comment"]

    def test_it_is_resolved_only_once(self, pool: Tidepool):
        pull_request = pool.open()
        made = actions.comment(pool.world, pull_request, actor=pool.alice, text="Why?")
        actions.resolve_comment(pool.world, pull_request, made.id, actor=pool.bob)
        with pytest.raises(Conflict, match="already resolved"):
            actions.resolve_comment(pool.world, pull_request, made.id, actor=pool.bob)

    def test_only_its_first_comment_resolves_it(self, pool: Tidepool):
        pull_request = pool.open()
        first = actions.comment(pool.world, pull_request, actor=pool.alice, text="Why?")
        answer = actions.comment(pool.world, pull_request, actor=pool.bob, text="So", parent=first.id)
        with pytest.raises(Forbidden):
            actions.resolve_comment(pool.world, pull_request, answer.id, actor=pool.bob)

    def test_an_open_thread_cannot_be_reopened(self, pool: Tidepool):
        pull_request = pool.open()
        made = actions.comment(pool.world, pull_request, actor=pool.alice, text="Why?")
        with pytest.raises(Missing):
            actions.reopen_comment(pool.world, pull_request, made.id, actor=pool.bob)


class TestTasks:
    def test_tasks_are_told_to_no_webhook(self, pool: Tidepool):
        pull_request = pool.open()
        made = actions.add_task(pool.world, pull_request, actor=pool.alice, text="Test it")
        actions.update_task(pool.world, pull_request, made.id, actor=pool.bob, resolved=True)
        actions.delete_task(pool.world, pull_request, made.id, actor=pool.bob)
        assert pool.keys == []
        assert pull_request.tasks == {}

    def test_a_task_is_resolved_and_reopened(self, pool: Tidepool):
        pull_request = pool.open()
        made = actions.add_task(pool.world, pull_request, actor=pool.alice, text="Test it")
        at = pool.clock.advance(hours=1)
        actions.update_task(pool.world, pull_request, made.id, actor=pool.bob, resolved=True, text="Test it well")
        assert (made.state, made.resolved_by, made.resolved_on, made.raw) == ("RESOLVED", pool.bob, at, "Test it well")
        actions.update_task(pool.world, pull_request, made.id, actor=pool.bob, resolved=False)
        assert (made.state, made.resolved_by, made.resolved_on) == ("UNRESOLVED", None, None)

    def test_it_can_hang_on_a_comment(self, pool: Tidepool):
        pull_request = pool.open()
        comment = actions.comment(pool.world, pull_request, actor=pool.alice, text="Hm")
        assert (
            actions.add_task(pool.world, pull_request, actor=pool.alice, text="x", comment_id=comment.id).comment_id
            == comment.id
        )

    @pytest.mark.parametrize("details", [{"text": ""}, {"text": "x", "comment_id": 99}])
    def test_an_empty_one_and_one_on_no_comment_are_refused(self, pool: Tidepool, details):
        with pytest.raises(WorldError):
            actions.add_task(pool.world, pool.open(), actor=pool.alice, **details)

    def test_an_unknown_task_is_missing(self, pool: Tidepool):
        with pytest.raises(Missing):
            actions.update_task(pool.world, pool.open(), 5, actor=pool.alice, resolved=True)


class TestCommitComments:
    def test_a_comment_on_a_commit_is_announced_with_both(self, pool: Tidepool):
        tip = pool.shells.git.branches()["main"]
        made = actions.comment_on_commit(pool.world, pool.shells, "main", actor=pool.bob, text="Good")
        body = pool.of("repo:commit_comment_created")
        assert (body["comment"]["id"], body["commit"]["hash"]) == (made.id, tip)
        assert pool.shells.commit_comments[tip] == {made.id: made}

    def test_an_unknown_commit_is_missing(self, pool: Tidepool):
        with pytest.raises(Missing):
            actions.comment_on_commit(pool.world, pool.shells, "abcdef1", actor=pool.bob, text="Good")
