"""Repositories as JSON: as others mention them, as webhooks carry them, as REST shows them.

Sources: repository-full.jenkins-branch-source.json (2025), repo-push.woodpecker.json, repo-push.jenkins-branch-source--
branch-created.json (2025).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from simulator.rest.representations.accounts import owner, project_reference, workspace_reference
from simulator.rest.representations.links import href, repository_api, repository_site, seconds, timestamp

if TYPE_CHECKING:
    from simulator.rest.json_types import Json
    from simulator.world.model import Repository
    from simulator.world.world import World


def repository_reference(world: World, repository: Repository) -> Json:
    """A repository as other objects mention it."""
    picture = f"{world.site_url}/ravatar/{quote(repository.uuid)}?ts={seconds(repository.created_on)}"
    return {
        "type": "repository",
        "full_name": repository.full_name,
        "links": {
            "self": href(repository_api(world, repository)),
            "html": href(repository_site(world, repository)),
            "avatar": href(picture),
        },
        "name": repository.name,
        "uuid": repository.uuid,
    }


def repository_in_event(world: World, repository: Repository) -> Json:
    """A repository as every webhook body carries it."""
    return repository_reference(world, repository) | {
        "scm": "git",
        "website": repository.website,
        "owner": owner(world, repository.workspace),
        "workspace": workspace_reference(world, repository.workspace),
        "is_private": repository.is_private,
        "project": project_reference(world, repository.workspace, repository.project),
        "parent": repository_reference(world, repository.parent) if repository.parent else None,
    }


def repository_details(world: World, repository: Repository) -> Json:
    """A repository as REST shows it, alone and in lists."""
    details = repository_in_event(world, repository)
    details["links"] |= _more_links(world, repository)
    main_branch = repository.main_branch
    return details | {
        "slug": repository.slug,
        "description": repository.description,
        "fork_policy": repository.fork_policy,
        "created_on": timestamp(repository.created_on),
        "updated_on": timestamp(repository.updated_on),
        "size": repository.git.size_bytes(),
        "language": repository.language,
        "mainbranch": {"name": main_branch, "type": "branch"} if main_branch else None,
        "override_settings": {"default_merge_strategy": False, "branching_model": False},
        "enforced_signed_commits": None,
        "has_issues": repository.has_issues,
        "has_wiki": repository.has_wiki,
    }


def _more_links(world: World, repository: Repository) -> Json:
    collections = {
        "pullrequests": "pullrequests",
        "commits": "commits",
        "forks": "forks",
        "watchers": "watchers",
        "branches": "refs/branches",
        "tags": "refs/tags",
        "downloads": "downloads",
        "source": "src",
        "hooks": "hooks",
    }
    links: Json = {name: href(repository_api(world, repository, path)) for name, path in collections.items()}
    host = urlsplit(world.site_url).netloc
    scheme = urlsplit(world.site_url).scheme
    links["clone"] = [
        {"name": "https", "href": f"{scheme}://{host}/{repository.full_name}.git"},
        {"name": "ssh", "href": f"git@{host}:{repository.full_name}.git"},
    ]
    return links
