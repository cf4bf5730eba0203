"""/src and /filehistory: files and directories at a commit, raw, described or listed; commits made by uploading.

Sources: rest-api.md 7; the descriptions of /src and /filehistory; src-listing.drone-go-scm.json (an iterator),
src-*-format-meta.jenkins-branch-source.json, error-src-404.drone-go-scm.json.
"""

from __future__ import annotations

import mimetypes
import re
from typing import TYPE_CHECKING

from simulator.rest.errors import bad_request, not_found
from simulator.rest.representations.commits import commit_at_ref
from simulator.rest.representations.files import tree_entry
from simulator.rest.representations.links import repository_api
from simulator.rest.routes import Answer, Routes
from simulator.world import actions
from simulator.world.git import Signature

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.git import Commit, TreeEntry
    from simulator.world.model import Repository

routes = Routes()

_BASE = "/repositories/<workspace>/<slug>"
_AUTHOR = re.compile(r"^(?P<name>[^<>]+) <(?P<email>[^<>\s]+)>$")


@routes.get(f"{_BASE}/src", scope="repository")
def main_root(call: Call, workspace: str, slug: str) -> Answer:
    """Sends the caller to the main branch's root."""
    repository = call.repository(workspace, slug)
    tip = repository.git.branches().get(repository.main_branch or "")
    if tip is None:
        raise not_found("No such file or directory: ")
    return Answer(status=302, headers={"Location": repository_api(call.world, repository, "src", tip, "")})


def split(repository: Repository, rest: str) -> tuple[Commit, str]:
    """The commit and the path of an address; branches may have slashes, so the shortest name that exists wins."""
    parts = rest.split("/")
    for count in range(1, len(parts) + 1):
        found = repository.git.find("/".join(parts[:count]))
        if found is not None:
            return found, "/".join(parts[count:])
    raise not_found("Changeset not found.")


@routes.get(f"{_BASE}/src/<path:rest>", scope="repository")
def source(call: Call, workspace: str, slug: str, rest: str) -> Json | Answer:
    """A file's bytes, a directory's listing, or with `format=meta` the description of either."""
    repository = call.repository(workspace, slug)
    commit, path = split(repository, rest)
    entry = repository.git.entry(commit.hash, path)
    wanted = call.arguments.get("format")
    if wanted not in {None, "meta"}:
        raise bad_request(f"Unsupported format: {wanted}")
    if wanted == "meta":
        return tree_entry(call.world, repository, commit.hash, entry)
    if entry.kind == "tree":
        return _listing(call, repository, commit, path)
    return _raw(repository, commit, entry)


def _raw(repository: Repository, commit: Commit, entry: TreeEntry) -> Answer:
    name = entry.path.rpartition("/")[2]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    guessed = mimetypes.guess_type(name)[0] or "text/plain"
    return Answer(repository.git.file_content(commit.hash, entry.path), headers=headers, content_type=guessed)


def _listing(call: Call, repository: Repository, commit: Commit, path: str) -> Json:
    depth = call.arguments.get("max_depth", "1")
    if not depth.isdecimal() or int(depth) < 1:
        raise bad_request("Bad request", max_depth="expected a positive number")
    below = repository.git.tree(commit.hash, path, recursive=int(depth) > 1)
    levels = path.strip("/").count("/") + 1 if path.strip("/") else 0
    near = [one for one in below if one.path.count("/") - levels < int(depth)]
    represented = {one.path: tree_entry(call.world, repository, commit.hash, one) for one in near}
    chosen = call.chosen(list(represented.values()), dict)
    return call.iterate([one["path"] for one in chosen], lambda key: represented[key])


@routes.get(f"{_BASE}/filehistory/<path:rest>", scope="repository")
def file_history(call: Call, workspace: str, slug: str, rest: str) -> Json:
    """The commits that changed a file, the newest first, each with the name that the file had then."""
    repository = call.repository(workspace, slug)
    commit, path = split(repository, rest)
    history = repository.git.file_history(commit.hash, path, follow=call.flag("renames", default=True))
    if not history:
        raise not_found(f"No such file or directory: {path}")

    def represent(version: tuple[str, str]) -> Json:
        commit_hash, name = version
        found = repository.git.history[commit_hash]
        entry = repository.git.entry(commit_hash, name)
        return tree_entry(call.world, repository, commit_hash, entry) | {
            "commit": commit_at_ref(call.world, repository, found)
        }

    return call.page(history, represent)


@routes.post(f"{_BASE}/src", scope="repository:write")
def upload(call: Call, workspace: str, slug: str) -> Answer:
    """A commit of uploaded files; `files` without a content deletes."""
    repository = call.repository(workspace, slug, needs="write")
    contents: dict[str, bytes | str | None] = {}
    for path in call.form.get("files", ()):
        contents[path.strip("/")] = None
    for name, values in call.form.items():
        if name not in {"message", "author", "parents", "files", "branch"}:
            contents[name.strip("/")] = values[-1]
    for name, uploads in call.files.items():
        contents[name.strip("/")] = uploads[-1][1]
    if not contents:
        raise bad_request("No files were provided.")
    made = actions.push_commit(
        call.world,
        repository,
        actor=call.user,
        branch=next(iter(call.form.get("branch", ())), repository.main_branch or "main"),
        message=next(iter(call.form.get("message", ())), "Edited online with Bitbucket"),
        files=contents,
        author=_author(call),
    )
    return Answer(status=201, headers={"Location": repository_api(call.world, repository, "commit", made.hash)})


def _author(call: Call) -> Signature | None:
    """Whom the form names as the commit's author; raises ApiError (400)."""
    raw = next(iter(call.form.get("author", ())), None)
    if raw is None:
        return None
    found = _AUTHOR.match(raw)
    if found is None:
        raise bad_request("Bad request", author="expected Name <address>")
    return Signature(found["name"], found["email"], call.world.now())
