"""Which other open pull requests, and which commits on the target, touch the same files.

Source: panels.md 5.2, "Collisions": at least one shared path that is not generated, ordered by the number shared. Bitbucket shows a
conflict only inside one pull request. A renamed file is touched under both its names.
"""

from collections.abc import Iterable

from msgspec import Struct

from insights.facts.pull_requests import FileChange, PullRequestFacts
from insights.facts.repository import CommitFacts
from insights.files.generated import GeneratedFiles
from insights.result import Definition, Result, Unit, WhyNot

DEFINITION = Definition(
    name="collisions",
    version=1,
    title="Collisions",
    text=(
        "Other open pull requests that change at least one of the same files, the most shared files first, and commits "
        "on the target branch since this one parted from it that do. Generated files are left out."
    ),
    unit=Unit.LIST,
    source="panels.md 5.2",
)


class Collision(Struct, frozen=True):
    """Another pull request and the paths that both touch, in order."""

    id: int
    paths: tuple[str, ...]


class CommitCollision(Struct, frozen=True):
    """A commit on the target and the paths that it and the pull request touch, in order."""

    commit: str
    paths: tuple[str, ...]


class Collisions(Struct, frozen=True):
    """Those that meet this pull request, the most shared paths first."""

    pull_requests: tuple[Collision, ...]
    commits: tuple[CommitCollision, ...]


def paths_of(files: Iterable[FileChange], generated: GeneratedFiles) -> frozenset[str]:
    """Return the paths that some changes touch, both names of a renamed file, without generated files."""
    names = (name for file in files for name in (file.path, file.old_path) if name is not None)
    return frozenset(name for name in names if not generated.holds(name))


def collisions(
    facts: PullRequestFacts,
    *,
    others: Iterable[PullRequestFacts],
    target_commits: Iterable[CommitFacts] = (),
    generated: GeneratedFiles,
) -> Result[Collisions]:
    """Compare with other open pull requests and with the commits on the target since the merge base.

    n counts the other open pull requests whose files are known. Silent where this one's files are not.
    """
    if facts.files is None:
        return Result(definition=DEFINITION.id, n=0, why_not=WhyNot.NOT_KNOWN, members=(facts.id,))
    own = paths_of(facts.files, generated)
    known = [other for other in others if other.is_open and other.id != facts.id and other.files is not None]
    met = [Collision(other.id, tuple(sorted(own & paths_of(other.files or (), generated)))) for other in known]
    commits = [
        CommitCollision(commit.hash, tuple(sorted(own & paths_of(commit.files or (), generated))))
        for commit in target_commits
    ]
    value = Collisions(
        tuple(sorted((one for one in met if one.paths), key=lambda one: (-len(one.paths), one.id))),
        tuple(sorted((one for one in commits if one.paths), key=lambda one: (-len(one.paths), one.commit))),
    )
    return Result(
        definition=DEFINITION.id, n=len(known), value=value, members=tuple(one.id for one in value.pull_requests)
    )
