"""A repository's own life, and a project's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator.world import actions
from simulator.world.errors import Invalid, Missing

if TYPE_CHECKING:
    from tests.simulator.tidepool import Tidepool


class TestCreation:
    def test_a_new_one_is_empty_private_and_its_makers(self, pool: Tidepool):
        made = actions.create_repository(pool.world, pool.workspace, actor=pool.bob, name="Sea Anemones")
        assert (made.slug, made.is_private, made.project.key) == ("sea-anemones", True, "POOL")
        assert made.permissions == {pool.bob.uuid: "admin"}
        assert made.git.branches() == {}
        assert pool.of("repo:created")["repository"]["uuid"] == made.uuid

    def test_a_slug_that_is_taken_in_the_workspace_is_refused(self, pool: Tidepool):
        with pytest.raises(Invalid, match="already exists"):
            actions.create_repository(pool.world, pool.workspace, actor=pool.bob, name="shells")

    def test_the_same_slug_is_free_elsewhere(self, pool: Tidepool):
        made = actions.create_repository(pool.world, pool.elsewhere, actor=pool.charlie, name="shells")
        assert made.full_name == "elsewhere/shells"

    def test_its_uuid_and_project_can_be_chosen(self, pool: Tidepool):
        uuid = "{21fa9bf8-b5b2-4891-97ed-d590bad0f871}"
        made = actions.create_repository(
            pool.world, pool.workspace, actor=pool.bob, name="x", uuid=uuid, project_key="POOL"
        )
        assert pool.world.repository("{}", uuid) is made

    def test_an_unknown_project_is_refused(self, pool: Tidepool):
        with pytest.raises(Invalid):
            actions.create_repository(pool.world, pool.workspace, actor=pool.bob, name="x", project_key="NOPE")


class TestChanges:
    def test_a_rename_changes_name_slug_and_links_but_not_the_uuid(self, pool: Tidepool):
        uuid = pool.shells.uuid
        actions.rename_repository(pool.world, pool.shells, actor=pool.alice, name="Big Shells")
        assert (pool.shells.uuid, pool.shells.full_name) == (uuid, "tidepool/big-shells")
        changes = pool.of("repo:updated")["changes"]
        assert changes["name"] == {"new": "Big Shells", "old": "shells"}
        assert changes["full_name"] == {"new": "tidepool/big-shells", "old": "tidepool/shells"}
        assert changes["links"]["new"]["html"]["href"] == "https://bitbucket.org/tidepool/big-shells"

    def test_a_rename_to_a_taken_slug_is_refused(self, pool: Tidepool):
        with pytest.raises(Invalid):
            actions.rename_repository(pool.world, pool.shells, actor=pool.alice, name="reef")

    def test_a_rename_to_the_same_name_is_nothing(self, pool: Tidepool):
        actions.rename_repository(pool.world, pool.shells, actor=pool.alice, name="shells")
        assert pool.keys == []

    def test_settings_are_announced_with_old_and_new(self, pool: Tidepool):
        actions.update_repository(
            pool.world,
            pool.shells,
            actor=pool.alice,
            description="Of the sea",
            is_private=False,
            main_branch="conflict",
        )
        assert pool.of("repo:updated")["changes"] == {
            "description": {"new": "Of the sea", "old": ""},
            "is_private": {"new": False, "old": True},
            "mainbranch": {"new": "conflict", "old": "main"},
        }

    def test_no_change_is_no_event(self, pool: Tidepool):
        actions.update_repository(pool.world, pool.shells, actor=pool.alice, description="")
        assert pool.keys == []


class TestTransfers:
    def test_both_workspaces_are_told_and_the_uuid_stays(self, pool: Tidepool):
        uuid = pool.shells.uuid
        actions.transfer_repository(pool.world, pool.shells, actor=pool.alice, workspace=pool.elsewhere)
        assert [(one.key, one.workspace.slug) for one in pool.events] == [
            ("repo:transfer", "tidepool"),
            ("repo:transfer", "elsewhere"),
        ]
        body = pool.events[0].body
        assert body["previous_workspace"]["slug"] == "tidepool"
        assert body["repository"]["full_name"] == "elsewhere/shells"
        assert pool.world.repository("elsewhere", uuid) is pool.shells

    def test_it_leaves_its_permissions_behind(self, pool: Tidepool):
        actions.transfer_repository(pool.world, pool.shells, actor=pool.alice, workspace=pool.elsewhere)
        assert pool.shells.permissions == {pool.alice.uuid: "admin"}

    def test_to_where_it_is_already_is_nothing(self, pool: Tidepool):
        actions.transfer_repository(pool.world, pool.shells, actor=pool.alice, workspace=pool.workspace)
        assert pool.keys == []

    def test_a_taken_slug_there_is_refused(self, pool: Tidepool):
        actions.create_repository(pool.world, pool.elsewhere, actor=pool.charlie, name="shells")
        with pytest.raises(Invalid):
            actions.transfer_repository(pool.world, pool.shells, actor=pool.alice, workspace=pool.elsewhere)


class TestForks:
    def test_a_fork_has_the_same_commits_and_knows_its_parent(self, pool: Tidepool):
        made = actions.fork_repository(pool.world, pool.shells, actor=pool.charlie, workspace=pool.elsewhere)
        assert made.git.branches() == pool.shells.git.branches()
        assert made.parent is pool.shells
        body = pool.of("repo:fork")
        assert body["repository"]["full_name"] == "tidepool/shells"
        assert body["fork"]["full_name"] == "elsewhere/shells"
        assert body["fork"]["parent"]["uuid"] == pool.shells.uuid

    def test_a_push_to_a_fork_leaves_the_original_alone(self, pool: Tidepool):
        made = actions.fork_repository(pool.world, pool.shells, actor=pool.charlie, workspace=pool.elsewhere)
        before = pool.shells.git.branches()
        actions.push_commit(pool.world, made, actor=pool.charlie, branch="main", message="Mine")
        assert pool.shells.git.branches() == before


class TestDeletion:
    def test_it_is_gone_and_was_announced_as_it_was(self, pool: Tidepool):
        actions.delete_repository(pool.world, pool.shells, actor=pool.alice)
        assert pool.of("repo:deleted")["repository"]["full_name"] == "tidepool/shells"
        with pytest.raises(Missing):
            pool.world.repository("tidepool", "shells")

    def test_forks_lose_their_parent_and_pull_requests_their_origin(self, pool: Tidepool):
        fork = actions.fork_repository(pool.world, pool.shells, actor=pool.charlie, workspace=pool.elsewhere)
        actions.push_commit(pool.world, fork, actor=pool.charlie, branch="mine", message="Mine")
        pull_request = pool.open("mine", author=pool.charlie, source_repository=fork)
        further = actions.fork_repository(
            pool.world, fork, actor=pool.charlie, workspace=pool.elsewhere, name="further"
        )
        actions.delete_repository(pool.world, fork, actor=pool.charlie)
        assert further.parent is None
        assert pull_request.source_repository is None


class TestProjects:
    def test_a_change_is_announced_to_the_workspace_without_a_repository(self, pool: Tidepool):
        project = pool.workspace.projects["POOL"]
        actions.update_project(pool.world, pool.workspace, project, actor=pool.alice, name="Deep pool")
        (event,) = pool.events
        assert (event.key, event.repository, event.workspace) == ("project:updated", None, pool.workspace)
        assert event.body["changes"] == {"name": {"new": "Deep pool", "old": "Pool"}}
        assert event.body["project"]["key"] == "POOL"

    def test_no_change_is_no_event(self, pool: Tidepool):
        actions.update_project(
            pool.world, pool.workspace, pool.workspace.projects["POOL"], actor=pool.alice, name="Pool"
        )
        assert pool.keys == []
