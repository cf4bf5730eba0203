"""A repository on disk as a Bitbucket repository."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from simulator.world import World
from simulator.world.errors import GitFailed
from simulator.world.git import GitRepository, Signature
from simulator.world.reading import read_repository
from simulator.world.reading.pull_requests import OPEN_AT_MOST
from tests.simulator.world.git.test_borrowing import fingerprint

if TYPE_CHECKING:
    from pathlib import Path

    from simulator.world.model import Repository

AT = datetime(2025, 3, 3, 9, tzinfo=UTC)


def who(name: str, hours: float, email: str | None = None) -> Signature:
    return Signature(name, email or f"{name.lower()}@x.example", AT + timedelta(hours=hours))


class Writer:
    """A bare repository that merges are made in, a step an hour."""

    def __init__(self, path: Path, *, main_branch: str = "main") -> None:
        self.git = GitRepository.create(path, main_branch=main_branch)
        self.main = main_branch
        self.hour = 0.0
        self.commit("Ann", "Begin")

    def commit(
        self, name: str, message: str, branch: str | None = None, *, email: str | None = None, **files: bytes
    ) -> str:
        self.hour += 1
        contents = files or {f"file-{self.hour}": b"x\n"}
        tip = self.git.branches().get(branch or self.main) or self.git.branches().get(self.main)
        author = who(name, self.hour, email)
        return self.git.commit_files(
            branch or self.main, files=dict(contents), message=message, author=author, parent=tip
        ).hash

    def merge(self, name: str, message: str, branch: str, *, keep: bool = False) -> str:
        self.hour += 1
        made = self.git.merge(
            source=self.git.branches()[branch],
            destination=self.main,
            message=message,
            author=who(name, self.hour),
            strategy="merge_commit",
        )
        if not keep:
            self.git.set_branch(branch, None)
        return made.hash


@pytest.fixture
def writer(tmp_path) -> Writer:
    return Writer(tmp_path / "marbles.git")


@pytest.fixture
def world():
    made = World(seed=1)
    yield made
    made.close()


def read(world: World, writer: Writer) -> Repository:
    return read_repository(world, writer.git.path)


class TestMerged:
    def test_a_merge_is_a_merged_pull_request_of_the_branchs_author(self, world: World, writer: Writer):
        first = writer.commit("Bo", "Roll", "roll")
        writer.commit("Cy", "Help", "roll")
        last = writer.commit("Bo", "Roll more", "roll")
        before = writer.git.branches()["main"]
        merged = writer.merge("Ann", "Merge pull request #5 from bo/roll\n\nLet them roll\n\nDown.", "roll")
        repository = read(world, writer)
        (one,) = repository.pull_requests.values()
        assert (one.id, one.state, one.title, one.description) == (5, "MERGED", "Let them roll", "Down.")
        assert (one.author.display_name, one.closed_by.display_name) == ("Bo", "Ann")
        assert (one.source_hash, one.destination_hash, one.merge_commit) == (last, before, merged)
        assert (one.source_branch, one.destination_branch) == ("roll", "main")
        assert one.created_on == repository.git.commit(first).author.at
        assert one.closed_on == one.updated_on == repository.git.commit(merged).committer.at
        assert len(repository.git.pull_request_commits(one)) == 3
        assert [(entry.kind, entry.update.state) for entry in one.activity] == [
            ("update", "OPEN"),
            ("update", "MERGED"),
        ]

    def test_nobody_reviews_what_no_trailer_names(self, world: World, writer: Writer):
        writer.commit("Bo", "Roll", "roll")
        writer.merge("Ann", "Merge branch 'roll'", "roll")
        (one,) = read(world, writer).pull_requests.values()
        assert one.participants == []

    def test_trailers_of_the_merge_and_of_the_commits_approve(self, world: World, writer: Writer):
        writer.commit("Cy", "Other")
        writer.commit("Bo", "Roll\n\nReviewed-by: Cy\nReviewed-by: Nobody Known", "roll")
        writer.merge(
            "Ann", "Merge branch 'roll'\n\nReviewed-by: Dee <dee@x.example>\nReviewed-by: Bo <bo@x.example>", "roll"
        )
        repository = read(world, writer)
        (one,) = repository.pull_requests.values()
        assert {(part.user.display_name, part.role, part.approved) for part in one.participants} == {
            ("Dee", "REVIEWER", True),
            ("Cy", "REVIEWER", True),
        }
        assert [entry.kind for entry in one.activity] == ["update", "approval", "approval", "update"]

    def test_those_without_a_number_follow_those_with_one_in_the_order_of_time(self, world: World, writer: Writer):
        for name, message in (
            ("a", "Merge branch 'a'"),
            ("b", "Merge pull request #12 from x/b"),
            ("c", "Merge branch 'c'"),
            ("d", "Merged in d (pull request #3)\n\nDee"),
        ):
            writer.commit("Bo", name, name)
            writer.merge("Ann", message, name)
        numbers = {number: one.source_branch for number, one in read(world, writer).pull_requests.items()}
        assert list(numbers.items()) == [(3, "d"), (12, "b"), (13, "a"), (14, "c")]

    def test_a_number_used_twice_is_given_once(self, world: World, writer: Writer):
        for name in ("a", "b"):
            writer.commit("Bo", name, name)
            writer.merge("Ann", f"Merge pull request #1 from x/{name}", name)
        assert {number: one.source_branch for number, one in read(world, writer).pull_requests.items()} == {
            1: "a",
            2: "b",
        }

    def test_a_squash_is_one_too(self, world: World, writer: Writer):
        made = writer.commit("Bo", "Polish them (#9)\n\nAll.")
        repository = read(world, writer)
        (one,) = repository.pull_requests.values()
        assert (one.id, one.title, one.author.display_name) == (9, "Polish them", "Bo")
        assert one.source_hash == one.merge_commit == made
        assert repository.git.pull_request_commits(one) == [made]

    def test_a_branch_merged_twice_brings_its_own_commits_each_time(self, world: World, writer: Writer):
        writer.commit("Bo", "One", "roll")
        writer.merge("Ann", "Merge branch 'roll'", "roll", keep=True)
        writer.git.commit_files("roll", files={"z": b"z"}, message="Two", author=who("Cy", 50))
        writer.hour = 60
        writer.merge("Ann", "Merge branch 'roll'", "roll")
        authors = [one.author.display_name for one in read(world, writer).pull_requests.values()]
        assert authors == ["Bo", "Cy"]

    def test_what_a_branch_took_from_the_main_branch_is_not_its_own(self, world: World, writer: Writer):
        writer.commit("Bo", "One", "roll")
        for _ in range(5):
            writer.commit("Ann", "Main work")
        writer.git.merge(
            source=writer.git.branches()["main"], destination="roll", message="Merge branch 'main' into roll",
            author=who("Bo", 20), strategy="merge_commit",
        )  # fmt: skip
        writer.hour = 30
        writer.merge("Ann", "Merge branch 'roll'", "roll")
        (one,) = read(world, writer).pull_requests.values()
        assert one.author.display_name == "Bo"
        assert one.created_on == AT + timedelta(hours=2)


class TestOpen:
    def test_an_unmerged_branch_is_an_open_pull_request(self, world: World, writer: Writer):
        first = writer.commit("Bo", "Roll\n\nbody", "roll")
        tip = writer.commit("Bo", "Roll on", "roll")
        repository = read(world, writer)
        (one,) = repository.pull_requests.values()
        assert (one.state, one.title, one.author.display_name, one.draft) == ("OPEN", "Roll", "Bo", False)
        assert (one.source_hash, one.destination_hash) == (tip, repository.git.branches()["main"])
        assert one.created_on == repository.git.commit(first).author.at
        assert one.participants == []

    def test_work_in_progress_is_a_draft(self, world: World, writer: Writer):
        writer.commit("Bo", "WIP roll", "roll")
        assert next(iter(read(world, writer).pull_requests.values())).draft

    def test_a_merged_branch_is_none(self, world: World, writer: Writer):
        writer.git.set_branch("old", writer.git.branches()["main"])
        assert read(world, writer).pull_requests == {}

    def test_only_the_newest_are_shown_and_numbered_on_by_age(self, world: World, writer: Writer):
        for number in range(OPEN_AT_MOST + 4):
            writer.commit("Bo", f"Number {number}", f"branch-{number}")
        opened = list(read(world, writer).pull_requests.values())
        assert [one.title for one in opened] == [f"Number {number}" for number in range(4, OPEN_AT_MOST + 4)]
        assert [one.id for one in opened] == list(range(1, OPEN_AT_MOST + 1))


class TestPeople:
    def test_one_address_in_any_case_is_one_user(self, world: World, writer: Writer):
        writer.commit("Bo", "x", email="BO@x.example")
        writer.commit("Bo B.", "y", email="bo@x.example")
        read(world, writer)
        assert len(world.users) == 2
        assert world.users_by_email["bo@x.example"].display_name == "Bo B.", "the newest name counts"

    def test_the_mailmap_joins_addresses(self, world: World, writer: Writer):
        writer.commit("Bo", "x", email="bo@home.example")
        writer.commit("Ann", "map", **{".mailmap": b"Bo Proper <bo@work.example> <bo@home.example>\n"})
        repository = read(world, writer)
        bo = world.users_by_email["bo@work.example"]
        assert bo.display_name == "Bo Proper"
        assert world.users_by_email["bo@home.example"] is bo
        commit = next(
            repository.git.history[key] for key in repository.git.history if repository.git.history[key].message == "x"
        )
        assert world.user_of(commit.author) is bo

    @pytest.mark.parametrize("name", ["dependabot[bot]", "renovate", "release-bot"])
    def test_bots_are_apps_users(self, world: World, writer: Writer, name: str):
        writer.commit(name, "x", email="b@x.example")
        read(world, writer)
        assert world.users_by_email["b@x.example"].kind == "app_user"

    def test_people_with_bot_in_their_names_are_people(self, world: World, writer: Writer):
        writer.commit("Abbott Bothe", "x", email="abbott@x.example")
        read(world, writer)
        assert world.users_by_email["abbott@x.example"].kind == "user"

    def test_the_busiest_owns_the_workspace_and_can_sign_in(self, world: World, writer: Writer):
        for _ in range(3):
            writer.commit("Bo", "x")
        repository = read(world, writer)
        bo = world.users_by_email["bo@x.example"]
        assert repository.workspace.members[bo.uuid] == "owner"
        assert repository.permissions[bo.uuid] == "admin"
        assert bo.api_tokens == ["token-of-Bo"]
        assert repository.permissions[world.users_by_email["ann@x.example"].uuid] == "write"


class TestRepository:
    def test_it_is_called_after_its_directory(self, world: World, writer: Writer):
        repository = read(world, writer)
        assert (repository.full_name, repository.name, repository.main_branch) == ("local/marbles", "marbles", "main")
        assert world.repository("local", "marbles") is repository

    def test_its_times_are_those_of_its_commits(self, world: World, writer: Writer):
        writer.commit("Bo", "x")
        repository = read(world, writer)
        assert repository.created_on == AT + timedelta(hours=1)
        assert repository.updated_on == AT + timedelta(hours=2)

    def test_another_main_branch_will_do(self, world: World, tmp_path):
        writer = Writer(tmp_path / "x.git", main_branch="trunk")
        writer.commit("Bo", "One", "roll")
        writer.merge("Ann", "Merge branch 'roll' into trunk", "roll")
        repository = read(world, writer)
        assert repository.main_branch == "trunk"
        assert len(repository.pull_requests) == 1

    def test_two_can_be_read_into_one_workspace(self, world: World, writer: Writer, tmp_path):
        one, other = read(world, writer), read(world, Writer(tmp_path / "other.git"))
        assert one.workspace is other.workspace
        assert one.uuid != other.uuid

    def test_a_description_that_git_wrote_itself_is_none(self, world: World, writer: Writer):
        (writer.git.path / "description").write_text("Unnamed repository; edit this file\n")
        assert read(world, writer).description == ""
        (writer.git.path / "description").write_text("Small and round\n")
        assert read(World(), writer).description == "Small and round"

    def test_the_original_is_never_touched_and_the_copy_goes_with_the_world(self, world: World, writer: Writer):
        writer.commit("Bo", "One", "roll")
        before = fingerprint(writer.git.path)
        repository = read(world, writer)
        repository.git.commit_files("main", files={"x": b"x"}, message="x", author=who("Bo", 99))
        assert fingerprint(writer.git.path) == before
        world.close()
        assert not repository.git.path.exists()

    def test_what_is_no_repository_is_an_error(self, world: World, tmp_path):
        with pytest.raises(GitFailed):
            read_repository(world, tmp_path)
