"""The world: finding things by every name that they have, telling listeners, cleaning up."""

import threading

import pytest

from simulator.world import Event, World
from simulator.world.errors import Missing
from simulator.world.git import Signature
from tests.simulator.tidepool import Tidepool


def bare(uuid: str) -> str:
    return uuid.strip("{}")


class TestFinding:
    @pytest.mark.parametrize("name", ["uuid", "account_id", "nickname", "email"])
    def test_a_user_is_found_by_each_of_their_names(self, pool: Tidepool, name: str):
        assert pool.world.user(getattr(pool.alice, name)) is pool.alice

    def test_a_uuid_needs_no_braces(self, pool: Tidepool):
        assert pool.world.user(bare(pool.alice.uuid)) is pool.alice
        assert pool.world.workspace(bare(pool.workspace.uuid).upper()) is pool.workspace
        assert pool.world.repository("tidepool", bare(pool.shells.uuid)) is pool.shells

    def test_an_unknown_user_is_missing(self, pool: Tidepool):
        with pytest.raises(Missing, match="nobody"):
            pool.world.user("nobody")

    def test_a_workspace_is_found_by_slug_in_any_case(self, pool: Tidepool):
        assert pool.world.workspace("TidePool") is pool.workspace

    def test_an_unknown_workspace_is_missing_in_bitbuckets_words(self, pool: Tidepool):
        with pytest.raises(Missing, match=r"No workspace with identifier 'nowhere'\."):
            pool.world.workspace("nowhere")

    @pytest.mark.parametrize("workspace", ["tidepool", "{}"])
    def test_a_repository_is_found_by_uuid_in_its_workspace_or_in_none(self, pool: Tidepool, workspace: str):
        assert pool.world.repository(workspace, pool.shells.uuid) is pool.shells

    @pytest.mark.parametrize(("workspace", "slug"), [("elsewhere", "shells"), ("nowhere", "shells"), ("{}", "shells")])
    def test_it_is_not_found_where_it_is_not(self, pool: Tidepool, workspace: str, slug: str):
        with pytest.raises(Missing, match=f"Repository {workspace}/{slug} not found"):
            pool.world.repository(workspace, slug)

    def test_its_uuid_in_another_workspace_is_not_found(self, pool: Tidepool):
        with pytest.raises(Missing):
            pool.world.repository("elsewhere", pool.shells.uuid)

    def test_the_author_of_a_commit_is_found_by_any_case_of_the_address(self, pool: Tidepool):
        signature = Signature("A.", "ALICE@tidepool.example", pool.clock.at)
        assert pool.world.user_of(signature) is pool.alice
        assert pool.world.user_of(Signature("A.", "other@x.example", pool.clock.at)) is None


class TestListening:
    def event(self, pool: Tidepool) -> Event:
        return Event("repo:push", pool.workspace, pool.shells, pool.bob, {}, {}, pool.clock.at)

    def test_listeners_are_told_in_order(self):
        world, told = World(), []
        world.listeners += [lambda _: told.append("first"), lambda _: told.append("second")]
        world.emit(Event("x", None, None, None, {}, {}, world.now()))
        assert told == ["first", "second"]

    def test_a_listener_that_leaves_while_it_is_told_disturbs_nobody(self, pool: Tidepool):
        told = []

        def leave(event: Event) -> None:
            told.append(event.key)
            pool.world.listeners.remove(leave)

        pool.world.listeners[:0] = [leave]
        pool.world.emit(self.event(pool))
        pool.world.emit(self.event(pool))
        assert told == ["repo:push"]
        assert pool.keys == ["repo:push", "repo:push"]


class TestIdentity:
    def test_two_worlds_of_one_seed_number_and_name_alike(self):
        one, other = World(seed=7), World(seed=7)
        assert [one.new_uuid("x"), one.new_uuid("x")] == [other.new_uuid("x"), other.new_uuid("x")]
        assert one.new_uuid("x") != World(seed=8).new_uuid("x")

    def test_numbers_are_never_given_twice(self):
        world = World()
        numbers: list[int] = []
        threads = [
            threading.Thread(target=lambda: numbers.extend(world.next_id() for _ in range(200))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(numbers)) == 800


class TestClosing:
    def test_its_directories_go_with_it(self):
        world = World()
        path = world.new_directory()
        path.mkdir()
        world.close()
        assert not path.parent.exists()

    def test_what_was_asked_for_is_called_last_first(self):
        world, called = World(), []
        world.on_close(lambda: called.append("first"))
        world.on_close(lambda: called.append("second"))
        world.close()
        assert called == ["second", "first"]

    def test_its_clock_is_the_real_one_unless_given(self, pool: Tidepool):
        assert World().now().utcoffset().total_seconds() == 0
        assert pool.world.now() == pool.clock.at
