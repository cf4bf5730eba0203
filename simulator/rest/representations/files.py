"""Files, directories and diffstats as JSON.

Sources: diffstat-feature-diffstat-174561d.jenkins-branch-source.json (2025),
src-fb522a6...-script-bat-format-meta.jenkins-branch-source.json, src-listing.drone-go-scm.json.
"""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING

from simulator.rest.representations.commits import commit_reference
from simulator.rest.representations.links import href, repository_api

if TYPE_CHECKING:
    from simulator.rest.json_types import Json
    from simulator.world.git import FileChange, TreeEntry
    from simulator.world.model import Repository
    from simulator.world.world import World

_ATTRIBUTES = {"100755": ["executable"], "120000": ["link"], "160000": ["subrepository"]}


def _side(world: World, repository: Repository, path: str | None, commit_hash: str) -> Json | None:
    if path is None:
        return None
    return {
        "path": path,
        "type": "commit_file",
        "escaped_path": path,
        "links": {"self": href(repository_api(world, repository, "src", commit_hash, path))},
    }


def diffstat(world: World, repository: Repository, change: FileChange, *, old: str, new: str) -> Json:
    """One file of a diffstat between the commits `old` and `new`."""
    return {
        "type": "diffstat",
        "lines_added": change.lines_added or 0,
        "lines_removed": change.lines_removed or 0,
        "status": change.kind,
        "old": _side(world, repository, change.old_path, old),
        "new": _side(world, repository, change.new_path, new),
    }


def tree_entry(world: World, repository: Repository, commit_hash: str, entry: TreeEntry) -> Json:
    """A file or directory at a commit: what a listing holds and what `format=meta` answers."""
    is_directory = entry.kind == "tree"
    address = repository_api(world, repository, "src", commit_hash, entry.path + ("/" if is_directory else ""))
    links = {"self": href(address), "meta": href(f"{address}?format=meta")}
    body: Json = {
        "path": entry.path,
        "commit": commit_reference(world, repository, commit_hash),
        "type": "commit_directory" if is_directory else "commit_file",
    }
    if not is_directory:
        links["history"] = href(repository_api(world, repository, "filehistory", commit_hash, entry.path))
        body |= {
            "attributes": _ATTRIBUTES.get(entry.mode, []),
            "escaped_path": entry.path,
            "size": entry.size_bytes or 0,
            "mimetype": mimetypes.guess_type(entry.path)[0],
        }
    return body | {"links": links}
