"""Build statuses as JSON.

Sources: commit-046d...-statuses-build.jenkins-branch-source.json (2024) for REST,
repo-commit-status-created.toolchain.json for webhooks (its commit is fuller).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from simulator.rest.representations.commits import commit_of_status, commit_reference
from simulator.rest.representations.links import href, repository_api, timestamp
from simulator.rest.representations.repositories import repository_reference

if TYPE_CHECKING:
    from simulator.rest.json_types import Json
    from simulator.world.model import BuildStatus, Repository
    from simulator.world.world import World


def build_status(world: World, repository: Repository, status: BuildStatus) -> Json:
    """A build status as REST shows it."""
    commit = repository_api(world, repository, "commit", status.commit)
    return {
        "key": status.key,
        "type": "build",
        "uuid": status.uuid,
        "state": status.state,
        "name": status.name,
        "refname": status.refname,
        "commit": commit_reference(world, repository, status.commit),
        "url": status.url,
        "repository": repository_reference(world, repository),
        "description": status.description,
        "created_on": timestamp(status.created_on),
        "updated_on": timestamp(status.updated_on),
        "links": {
            "self": href(f"{commit}/statuses/build/{quote(status.key, safe='')}"),
            "commit": href(commit),
        },
    }


def build_status_in_event(world: World, repository: Repository, status: BuildStatus) -> Json:
    """A build status as a webhook carries it."""
    commit = repository.git.commit(status.commit)
    return build_status(world, repository, status) | {"commit": commit_of_status(world, repository, commit)}
