"""From a seed and a day to a world: cast, repositories on disk, and all that happened."""

# ruff: noqa: PLR0913 - keyword-only, and each is a fact of its own

from __future__ import annotations

import random
import shutil
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.world import identifiers
from simulator.world.git import GitRepository
from simulator.world.model import Environment, Project, Repository, User, Workspace
from simulator.world.story import office
from simulator.world.story import vocabulary as words
from simulator.world.story.calendar import Calendar
from simulator.world.story.cast import (
    BOTS,
    LARGE_VENUE,
    OWNERS,
    PEOPLE,
    PROJECTS,
    SMALL_VENUE,
    VENUES,
    WORKSPACE_NAME,
    WORKSPACE_SLUG,
    Person,
    Venue,
)
from simulator.world.story.codebase import Codebase
from simulator.world.story.ground import Ground
from simulator.world.story.plots import Plotter
from simulator.world.story.releases import ENVIRONMENT_KINDS, Releases
from simulator.world.story.season import YEAR_DAYS, Season
from simulator.world.story.settling import settle
from simulator.world.story.stage import Stage

if TYPE_CHECKING:
    from simulator.world.model import RepositoryPermission
    from simulator.world.world import World

_EARLIER_DAYS = 700
_SMALL_DAYS = 70


def tell(world: World, *, today: date, small: bool = False, large: bool = False) -> Workspace:
    """Fill `world` with the team's year up to the first moment of `today` (UTC); answers its workspace.

    `small`: one repository and about 60 pull requests of ten weeks. `large`: one repository with 1,200 pull requests and
    more than 5,000 commits of a year. The repositories live in a temporary directory that goes when the world is closed.
    """
    end = datetime.combine(today, time(), UTC)
    directory = Path(tempfile.mkdtemp(prefix="simulator-story-"))
    world.on_close(lambda: shutil.rmtree(directory, ignore_errors=True))
    workspace, users = _company(world, end)
    office.furnish(workspace, users, end=end)
    for venue in (SMALL_VENUE,) if small else (LARGE_VENUE,) if large else VENUES:
        days = _SMALL_DAYS if small else YEAR_DAYS
        _tell_one(world, workspace, users, venue, start=end - timedelta(days=days), end=end, directory=directory)
    for place, repository in enumerate(world.in_workspace(workspace)):
        office.open_doors(repository, users, end=end)
        if place == 0:
            office.keep_tracker(repository, users, seed=world.seed, end=end)
    return workspace


def _company(world: World, end: datetime) -> tuple[Workspace, dict[str, User]]:
    begun = end - timedelta(days=YEAR_DAYS + _EARLIER_DAYS)
    users = {person.key: world.add_user(_account(world, person, begun)) for person in (*PEOPLE, *BOTS)}
    workspace = Workspace(
        identifiers.uuid_for(world.seed, "workspace", WORKSPACE_SLUG), WORKSPACE_SLUG, WORKSPACE_NAME, begun
    )
    for person in PEOPLE:
        workspace.members[users[person.key].uuid] = "owner" if person.key in OWNERS else "member"
    for key, name in PROJECTS.items():
        uuid = identifiers.uuid_for(world.seed, "project", WORKSPACE_SLUG, key)
        workspace.projects[key] = Project(uuid, key, name, begun, begun, is_private=key != "OPS")
    return world.add_workspace(workspace), users


def _account(world: World, person: Person, begun: datetime) -> User:
    return User(
        uuid=identifiers.uuid_for(world.seed, "user", person.key),
        account_id=identifiers.account_id_for(world.seed, person.key),
        nickname=person.key,
        display_name=person.name,
        created_on=begun,
        kind=person.kind,
        email=person.email,
        time_zone=person.time_zone,
        api_tokens=[] if person.kind == "app_user" else [f"token-of-{person.key}"],
    )


def _tell_one(
    world: World,
    workspace: Workspace,
    users: dict[str, User],
    venue: Venue,
    *,
    start: datetime,
    end: datetime,
    directory: Path,
) -> None:
    rng = random.Random(f"{world.seed}/{end.date()}/{venue.slug}/{venue.pull_requests}")
    git = GitRepository.create(directory / f"{venue.slug}.git", main_branch=venue.main_branch)
    repository = _shell(world, workspace, users, venue, start=start, git=git)
    calendar = Calendar(end)
    plotter = Plotter(venue, PEOPLE, calendar, rng)
    ground = Ground(Codebase(venue.language, rng), main_branch=venue.main_branch)
    stage = Stage(world, repository, venue, users, ground=ground, rng=rng, end=end)
    _earlier_years(ground, plotter, venue, start=start, rng=rng)
    releases = Releases(stage, start, rng)
    plots = Season(venue, PEOPLE, calendar, start, end, rng).plots()
    for beat in sorted((beat for plot in plots for beat in plot.beats if beat.at < end), key=lambda beat: beat.at):
        releases.until(beat.at)
        before = ground.mark
        stage.play(beat)
        if ground.mark != before:
            stage.build(ground.mark, plotter.builds(beat.at), venue.main_branch)
            repository.updated_on = beat.at
    stage.finish()
    hashes = ground.stream.write(git.path)
    git.reload()
    settle(repository, hashes)
    world.add_repository(repository)


def _shell(
    world: World, workspace: Workspace, users: dict[str, User], venue: Venue, *, start: datetime, git: GitRepository
) -> Repository:
    """The repository before anything has happened in it."""
    repository = Repository(
        uuid=identifiers.uuid_for(world.seed, "repository", venue.slug),
        workspace=workspace,
        project=workspace.projects[venue.project],
        slug=venue.slug,
        name=venue.slug,
        git=git,
        created_on=start,
        updated_on=start,
        is_private=venue.is_private,
        description=venue.description,
        language=venue.language,
        main_branch=venue.main_branch,
        default_merge_strategy=venue.strategy,
        reset_approvals_on_change=venue.resets_approvals,
        default_reviewers=[users[key] for key in venue.default_reviewers],
    )
    for person in PEOPLE:
        level: RepositoryPermission = "write" if venue.area in person.areas else "read"
        repository.permissions[users[person.key].uuid] = "admin" if person.key in OWNERS else level
    for rank, kind in enumerate(ENVIRONMENT_KINDS):
        uuid = identifiers.uuid_for(world.seed, "environment", venue.slug, kind)
        repository.environments[uuid] = Environment(uuid, kind, kind.lower(), kind, rank)
    return repository


def _earlier_years(ground: Ground, plotter: Plotter, venue: Venue, *, start: datetime, rng: random.Random) -> None:
    """What was there before the story: commits straight on the main branch, spread over two years."""
    begun = start - timedelta(days=_EARLIER_DAYS)
    ground.found(plotter.people[0], begun, ground.codebase.first_tree(120 + venue.earlier_commits // 10))
    moments = sorted(begun + (start - begun) * rng.random() for _ in range(venue.earlier_commits))
    for at in moments:
        author = rng.choices(plotter.people, [one.activity for one in plotter.people])[0]
        ground.work_on_main(author, at, plotter.say(words.COMMITS) + "\n")
