"""/diff, /diffstat, /patch, /merge-base, /file-conflicts: what differs between commits.

Two-commit specs name the commit with the changes first and what it is compared with second, the opposite of git; `topic`
compares with their common ancestor (description of GET /diff/{spec}). The addresses in pull requests separate the two
with a carriage return and may begin with the repository's name (pullrequests-pagelen-50.jenkins-branch-source.json).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.rest.errors import bad_request, not_found
from simulator.rest.representations.commits import commit_in_list
from simulator.rest.representations.files import diffstat as diffstat_json
from simulator.rest.resources.commits import commit_of
from simulator.rest.routes import Answer, Routes
from simulator.world.git import changes

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import Repository

routes = Routes()

_BASE = "/repositories/<workspace>/<slug>"
_DIFFSTAT_PAGE = 500
_PREFIX = re.compile(r"^[^/:]+/[^/:]+:")
_TEXT = "text/plain"


@dataclass(frozen=True, slots=True)
class Ends:
    """What is compared: `old` leads to `new`. `source` is the commit that `new` comes from, where two were named."""

    old: str
    new: str
    target: str | None = None


def ends_of(call: Call, repository: Repository, spec: str) -> Ends:
    """The two commits that a spec means; raises ApiError (404)."""
    git = repository.git
    parts = re.split(r"\r|\.\.", _PREFIX.sub("", spec), maxsplit=1)
    new = commit_of(repository, parts[0])
    if len(parts) == 1:
        return Ends(git.parent_or_empty(new), new.hash)
    target = commit_of(repository, parts[1]).hash
    is_topic = call.flag("topic", default=call.flag("merge", default=False))
    old = (git.merge_base(new.hash, target) or target) if is_topic else target
    return Ends(old, new.hash, target)


@routes.get(f"{_BASE}/diff/<path:spec>", scope="repository")
def diff(call: Call, workspace: str, slug: str, spec: str) -> Answer:
    """The unified diff, as it is."""
    repository = call.repository(workspace, slug)
    ends = ends_of(call, repository, spec)
    context = call.arguments.get("context", "3")
    if not context.isdecimal():
        raise bad_request("Bad request", context="expected a number")
    raw = changes.diff(
        repository.git.path,
        ends.old,
        ends.new,
        paths=tuple(call.every.get("path", ())),
        context=int(context),
        ignore_whitespace=call.flag("ignore_whitespace", default=False),
        renames=call.flag("renames", default=True),
        binary=call.flag("binary", default=True),
    )
    return Answer(raw, content_type=_TEXT)


@routes.get(f"{_BASE}/diffstat/<path:spec>", scope="repository")
def diffstat(call: Call, workspace: str, slug: str, spec: str) -> Json:
    """The files that differ, with their numbers of lines."""
    repository = call.repository(workspace, slug)
    ends = ends_of(call, repository, spec)
    found = repository.git.diffstat(ends.old, ends.new)
    if paths := call.every.get("path"):
        found = [one for one in found if (one.new_path or one.old_path or "").startswith(tuple(paths))]
    return call.page(
        found,
        lambda one: diffstat_json(call.world, repository, one, old=ends.old, new=ends.new),
        default=_DIFFSTAT_PAGE,
        largest=_DIFFSTAT_PAGE,
    )


@routes.get(f"{_BASE}/patch/<path:spec>", scope="repository")
def patch(call: Call, workspace: str, slug: str, spec: str) -> Answer:
    """One commit's patch, or those that the first commit has and the second has not."""
    repository = call.repository(workspace, slug)
    ends = ends_of(call, repository, spec)
    return Answer(changes.patch(repository.git.path, ends.target, ends.new), content_type=_TEXT)


@routes.get(f"{_BASE}/merge-base/<path:revspec>", scope="repository")
def merge_base(call: Call, workspace: str, slug: str, revspec: str) -> Json:
    """The best common ancestor of two commits."""
    repository = call.repository(workspace, slug)
    one, dots, other = revspec.partition("..")
    if not dots:
        raise bad_request("Bad request", revspec="expected two commits")
    base = repository.git.merge_base(commit_of(repository, one).hash, commit_of(repository, other).hash)
    if base is None:
        raise not_found("No common ancestor.")
    return commit_in_list(call.world, repository, repository.git.history[base])


@routes.get(f"{_BASE}/file-conflicts/<path:spec>", scope="repository")
def file_conflicts(call: Call, workspace: str, slug: str, spec: str) -> Json:
    """The files in which a merge of the two commits would conflict."""
    repository = call.repository(workspace, slug)
    ends = ends_of(call, repository, spec)
    paths = repository.git.conflicts(ends.new, ends.target) if ends.target else []
    return call.page(
        paths,
        lambda path: {"type": "file_conflict", "path": path, "scenario": "content", "message": f"Conflict in {path}"},
    )
