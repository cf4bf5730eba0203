"""Pull requests from merge commits, and open ones from branches that were never merged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from simulator.world.model import Activity, Participant, PullRequest, Update
from simulator.world.reading.messages import Merge, approvers, read_merge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.world.git import Commit, GitRepository
    from simulator.world.model import Repository
    from simulator.world.reading.people import People

OPEN_AT_MOST = 8
"""So many of the newest unmerged branches are shown as open pull requests."""


@dataclass(frozen=True, slots=True)
class _Found:
    merge: Merge
    commit: Commit
    brought: list[Commit]
    """the branch's commits, oldest first"""


def _first_parents(git: GitRepository, tip: str) -> list[Commit]:
    """The main branch's own line, oldest first."""
    line = []
    key: str | None = tip
    while key is not None and key in git.history:
        commit = git.history[key]
        line.append(commit)
        key = commit.parents[0] if commit.parents else None
    return line[::-1]


def _unseen(git: GitRepository, tips: tuple[str, ...], seen: set[str]) -> list[Commit]:
    """What `tips` reach that was not seen before; then it is."""
    found, waiting = [], [tip for tip in tips if tip in git.history]
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            found.append(git.history[key])
            waiting.extend(parent for parent in git.history[key].parents if parent in git.history)
    return sorted(found, key=lambda one: one.author.at)


def _found(repository: Repository) -> Iterator[_Found]:
    """Every merge into the main branch that speaks of a branch, oldest first. One walk over the history."""
    git, main = repository.git, repository.main_branch or ""
    seen: set[str] = set()
    for commit in _first_parents(git, git.branches()[main]):
        seen.add(commit.hash)
        brought = _unseen(git, commit.parents[1:], seen)
        is_merge = len(commit.parents) > 1
        merge = read_merge(commit.message, main_branch=main, is_merge=is_merge)
        if merge is not None and commit.parents:
            yield _Found(merge, commit, brought if is_merge else [commit])


def read_merged(repository: Repository, people: People) -> None:
    """Fill in the merged pull requests, in the order of their numbers; those without one get the next free ones."""
    numbered: dict[int, _Found] = {}
    rest: list[_Found] = []
    for one in _found(repository):
        number = one.merge.number
        if number is not None and number not in numbered:
            numbered[number] = one
        else:
            rest.append(one)
    rest.sort(key=_created_on)
    following = max(numbered, default=0) + 1
    numbered |= dict(enumerate(rest, following))
    for number in sorted(numbered):
        repository.pull_requests[number] = _merged(repository, number, numbered[number], people)


def _created_on(found: _Found) -> datetime:
    return min(found.commit.committer.at, *(one.author.at for one in found.brought or [found.commit])).astimezone(UTC)


def _merged(repository: Repository, number: int, found: _Found, people: People) -> PullRequest:
    commit, merge = found.commit, found.merge
    closed_on = commit.committer.at.astimezone(UTC)
    pull_request = PullRequest(
        id=number,
        repository=repository,
        source_repository=repository,
        author=people.main_author(found.brought, commit),
        title=merge.title,
        description=merge.description,
        source_branch=merge.branch,
        source_hash=commit.hash if merge.is_squashed else commit.parents[1],
        destination_branch=repository.main_branch or "",
        destination_hash=commit.parents[0],
        created_on=_created_on(found),
        updated_on=closed_on,
    )
    _opened(pull_request)
    named = [*merge.approvers, *(name for one in found.brought for name in approvers(one.message))]
    for name, email in dict.fromkeys(named):
        _approved(pull_request, people, name, email, commit)
    pull_request.state, pull_request.merge_commit = "MERGED", commit.hash
    pull_request.closed_by, pull_request.closed_on = people.of(commit.author, commit), closed_on
    update = Update.of(pull_request, changes={"status": {"old": "open", "new": "fulfilled"}})
    pull_request.activity.append(Activity("update", closed_on, pull_request.closed_by, update=update))
    return pull_request


def _opened(pull_request: PullRequest) -> None:
    update = Update.of(pull_request, changes={})
    pull_request.activity.append(Activity("update", pull_request.created_on, pull_request.author, update=update))


def _approved(pull_request: PullRequest, people: People, name: str, email: str | None, commit: Commit) -> None:
    """A trailer says that somebody approved; when, only the merge knows."""
    user = people.reviewer(name, email, commit)
    if user is None or user is pull_request.author or pull_request.participant(user):
        return
    at = commit.committer.at.astimezone(UTC)
    pull_request.participants.append(Participant(user, "REVIEWER", "approved", at))
    pull_request.activity.append(Activity("approval", at, user))


def read_open(repository: Repository, people: People) -> None:
    """Show the newest unmerged branches as open pull requests; nobody reviews them."""
    git, main = repository.git, repository.main_branch or ""
    tips = git.branches()
    base = tips.pop(main)
    merged = git.history.ancestors([base])
    unmerged = [(git.history[tip], name) for name, tip in tips.items() if tip not in merged]
    unmerged.sort(key=lambda pair: (pair[0].committer.at, pair[1]), reverse=True)
    for tip, name in reversed(unmerged[:OPEN_AT_MOST]):
        commits = [one for one in git.history.walk([tip.hash], [base]) if len(one.parents) < 2]
        number = max(repository.pull_requests, default=0) + 1
        repository.pull_requests[number] = _open(
            repository, number, branch=name, tip=tip, commits=commits or [tip], people=people
        )


def _open(  # noqa: PLR0913 - keyword-only, and each is a fact of its own
    repository: Repository, number: int, *, branch: str, tip: Commit, commits: list[Commit], people: People
) -> PullRequest:
    subject = commits[-1].message.strip().partition("\n")[0] or branch
    pull_request = PullRequest(
        id=number,
        repository=repository,
        source_repository=repository,
        author=people.main_author(commits, tip),
        title=subject,
        source_branch=branch,
        source_hash=tip.hash,
        destination_branch=repository.main_branch or "",
        destination_hash=repository.git.branches()[repository.main_branch or ""],
        created_on=min(one.author.at for one in commits).astimezone(UTC),
        updated_on=tip.committer.at.astimezone(UTC),
        draft=subject.lower().startswith(("wip", "draft")),
    )
    _opened(pull_request)
    return pull_request
