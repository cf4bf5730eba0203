"""The told story: deterministic, and every record of it true of the git history beneath."""

from __future__ import annotations

import subprocess
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from simulator.world import World
from simulator.world.git.process import attempt
from simulator.world.story import tell

if TYPE_CHECKING:
    from simulator.world.model import PullRequest, Repository

TODAY = date(2026, 11, 23)
END = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def world():
    made = World(seed=1)
    tell(made, today=TODAY, small=True)
    yield made
    made.close()


@pytest.fixture(scope="module")
def repository(world: World) -> Repository:
    return world.repository("heron-labs", "marsh-api")


def everything(repository: Repository) -> list[PullRequest]:
    return list(repository.pull_requests.values())


def in_state(repository: Repository, state: str) -> list[PullRequest]:
    return [one for one in everything(repository) if one.state == state]


def digest(world: World) -> list[object]:
    """What two equal stories agree on."""
    return [
        (
            repository.uuid,
            repository.git.branches(),
            sorted(repository.git.tags()),
            [
                (one.id, one.title, one.state, one.source_hash, one.created_on, one.updated_on, len(one.activity))
                for one in repository.pull_requests.values()
            ],
        )
        for repository in world.repositories.values()
    ]


class TestDeterminism:
    def test_the_same_seed_and_day_tell_the_same_story(self, world: World):
        again = World(seed=1)
        tell(again, today=TODAY, small=True)
        assert digest(again) == digest(world)
        again.close()

    @pytest.mark.parametrize(("seed", "today"), [(2, TODAY), (1, TODAY + timedelta(days=1))])
    def test_another_seed_or_day_tells_another(self, world: World, seed: int, today: date):
        other = World(seed=seed)
        tell(other, today=today, small=True)
        assert digest(other) != digest(world)
        other.close()

    def test_people_are_the_same_whatever_the_day(self, world: World):
        other = World(seed=1)
        tell(other, today=TODAY - timedelta(days=40), small=True)
        assert set(other.users) == set(world.users)
        other.close()


class TestGitBeneath:
    def test_the_repository_is_sound(self, repository: Repository):
        done = attempt(repository.git.path, "fsck", "--strict")
        assert done.returncode == 0, done.stderr.decode()

    def test_every_hash_is_a_commit(self, repository: Repository):
        history = repository.git.history
        for one in everything(repository):
            for commit in (one.source_hash, one.destination_hash, one.merge_commit):
                assert commit is None or commit in history, one.id
            for entry in one.activity:
                assert entry.update is None or entry.update.source_hash in history
        assert all(commit in history for commit in repository.build_statuses)
        assert all(deployment.commit in history for deployment in repository.deployments)

    def test_a_merge_is_on_the_main_branch_and_has_both_sides(self, repository: Repository):
        main = repository.git.history.ancestors([repository.git.branches()["main"]])
        for one in in_state(repository, "MERGED"):
            commit = repository.git.commit(one.merge_commit)
            assert commit.hash in main
            assert commit.parents == (one.destination_hash, one.source_hash)
            assert commit.message.startswith(f"Merged in {one.source_branch} (pull request #{one.id})\n\n{one.title}\n")
            assert commit.committer.at == one.closed_on.replace(microsecond=0)

    def test_every_pull_request_brings_commits_of_its_author(self, repository: Repository):
        for one in everything(repository):
            commits = [repository.git.history[key] for key in repository.git.pull_request_commits(one)]
            assert commits, one.id
            assert {commit.author.email for commit in commits} == {one.author.email}

    def test_open_ones_stand_at_their_branch_and_against_the_main_one(self, repository: Repository):
        branches = repository.git.branches()
        for one in in_state(repository, "OPEN"):
            assert one.source_hash == branches[one.source_branch]
            assert one.destination_hash == branches["main"]

    def test_most_open_ones_can_be_merged(self, repository: Repository):
        git = repository.git
        mergeable = [not git.conflicts(one.source_hash, one.destination_hash) for one in in_state(repository, "OPEN")]
        assert sum(mergeable) >= len(mergeable) * 0.7

    def test_commits_know_their_authors(self, world: World, repository: Repository):
        assert all(world.user_of(repository.git.history[key].author) for key in repository.git.history)

    def test_commits_keep_the_offsets_of_their_authors(self, repository: Repository):
        offsets = {repository.git.history[key].author.at.utcoffset() for key in repository.git.history}
        assert len(offsets) >= 4

    def test_releases_are_tagged_and_deployed(self, repository: Repository):
        assert {tag.message for tag in repository.git.tags().values()} == {
            f"Version {name[1:]}\n" for name in repository.git.tags()
        }
        tagged = {tag.target for tag in repository.git.tags().values()}
        assert {deployment.commit for deployment in repository.deployments} <= tagged
        assert repository.git.file_content("main", "VERSION").decode().strip()


class TestTimes:
    def test_nothing_happens_after_the_end(self, repository: Repository):
        for one in everything(repository):
            moments = [one.created_on, one.updated_on, *(entry.at for entry in one.activity)]
            moments += [comment.created_on for comment in one.comments.values()]
            assert max(moments) < END
        for held in repository.build_statuses.values():
            assert all(status.updated_on <= END for status in held.values())

    def test_the_log_is_in_order_and_begins_with_the_opening(self, repository: Repository):
        for one in everything(repository):
            assert [entry.at for entry in one.activity] == sorted(entry.at for entry in one.activity)
            assert (one.activity[0].kind, one.activity[0].at) == ("update", one.created_on)

    def test_commits_precede_the_opening_and_approvals_the_merge(self, repository: Repository):
        for one in in_state(repository, "MERGED"):
            first = min(repository.git.history[key].author.at for key in repository.git.pull_request_commits(one))
            assert first < one.created_on < one.closed_on
            assert all(entry.at <= one.closed_on for entry in one.activity)

    def test_numbers_go_up_with_time(self, repository: Repository):
        created = [one.created_on for one in everything(repository)]
        assert created == sorted(created)
        assert list(repository.pull_requests) == list(range(1, len(created) + 1))

    def test_people_do_not_work_on_sundays_but_bots_do(self, world: World, repository: Repository):
        sundays = Counter(
            one.author.kind for one in everything(repository) if (one.created_on + timedelta(hours=1)).weekday() == 6
        )
        assert sundays["user"] <= 2


class TestVariety:
    def test_there_are_about_sixty_with_every_fate(self, repository: Repository):
        states = Counter(one.state for one in everything(repository))
        assert 50 <= len(repository.pull_requests) <= 75
        assert states["MERGED"] > 30
        assert states["DECLINED"] >= 2
        assert states["OPEN"] >= 8

    def test_open_ones_are_in_many_states_of_turn(self, repository: Repository):
        opened = in_state(repository, "OPEN")
        assert any(one.draft for one in opened)
        assert any(all(part.state is None for part in one.participants) for one in opened)
        assert any(any(part.state == "changes_requested" for part in one.participants) for one in opened)
        assert any(any(part.approved for part in one.participants) for one in opened)
        assert max(END - one.created_on for one in opened) > timedelta(days=20)

    def test_builds_succeed_and_fail(self, repository: Repository):
        states = Counter(status.state for held in repository.build_statuses.values() for status in held.values())
        assert states["SUCCESSFUL"] > states["FAILED"] > 0

    def test_there_are_threads_answers_tasks_and_resolutions(self, repository: Repository):
        comments = [comment for one in everything(repository) for comment in one.comments.values()]
        assert any(comment.parent_id for comment in comments)
        assert any(comment.inline for comment in comments)
        assert any(comment.resolved_by for comment in comments)
        assert any(one.tasks for one in everything(repository))

    def test_an_answer_answers_a_comment_of_the_same_pull_request(self, repository: Repository):
        for one in everything(repository):
            parents = {comment.parent_id for comment in one.comments.values()} - {None}
            assert parents <= set(one.comments)

    def test_the_bot_opens_some_and_the_build_server_none(self, world: World, repository: Repository):
        authors = Counter(one.author.nickname for one in everything(repository))
        assert authors["dependency-bot"] >= 3
        assert authors["tern-ci"] == 0

    def test_some_branches_are_left_over(self, repository: Repository):
        opened = {one.source_branch for one in in_state(repository, "OPEN")}
        assert len(set(repository.git.branches()) - opened - {"main"}) >= 3

    def test_authors_never_review_their_own(self, repository: Repository):
        assert all(one.author not in one.reviewers for one in everything(repository))


class TestPlaces:
    def test_everybody_is_a_member_with_a_token_and_two_own_it(self, world: World):
        workspace = world.workspace("heron-labs")
        assert Counter(workspace.members.values()) == {"member": 10, "owner": 2}
        assert world.user("ada.lindqvist").api_tokens == ["token-of-ada.lindqvist"]

    def test_the_files_go_with_the_world(self):
        made = World(seed=5)
        tell(made, today=TODAY, small=True)
        path = next(iter(made.repositories.values())).git.path
        assert path.is_dir()
        made.close()
        assert not path.exists()


def test_the_whole_team(tmp_path):
    """The full story once: twelve hundred pull requests in three repositories, each of them of one piece with git."""
    world = World(seed=1)
    tell(world, today=TODAY)
    repositories = list(world.repositories.values())
    assert [one.slug for one in repositories] == ["marsh-api", "marsh-web", "marsh-deploy"]
    assert 1150 <= sum(len(one.pull_requests) for one in repositories) <= 1250
    assert 5000 <= len(repositories[0].git.history) <= 7000
    opened = [one for repository in repositories for one in in_state(repository, "OPEN")]
    assert 25 <= len(opened) <= 40
    assert min(one.created_on for repository in repositories for one in everything(repository)) < END - timedelta(
        days=355
    )
    web = repositories[1]
    assert (web.main_branch, web.default_merge_strategy) == ("develop", "squash")
    assert all(len(web.git.commit(one.merge_commit).parents) == 1 for one in in_state(web, "MERGED"))
    assert any(not one.is_private for one in repositories)
    for repository in repositories:
        rewritten = [
            one for one in everything(repository)
            if any(entry.update and entry.update.source_hash not in repository.git.history.ancestors([one.source_hash]) for entry in one.activity)
        ]  # fmt: skip
        assert rewritten, f"nobody rebased in {repository.slug}"
        names = subprocess.run(
            ["git", "for-each-ref", "--count=1", "refs/story"], cwd=repository.git.path, capture_output=True
        )
        assert names.stdout == b""
    world.close()


class TestTheLargeStory:
    def test_one_repository_has_a_year_of_many_pull_requests(self):
        made = World(seed=1)
        tell(made, today=TODAY, large=True)
        (repository,) = made.repositories.values()
        # Of 1,200 that are begun; one is pushed on the last day and not opened yet.
        assert len(repository.pull_requests) == 1199
        assert len(in_state(repository, "OPEN")) >= 30
        assert len(list(repository.git.commits(list(repository.git.branches().values())))) > 5000
        made.close()
