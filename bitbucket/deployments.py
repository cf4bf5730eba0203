"""Deployments, and the environments that they go to. Repositories without Pipelines have none."""

from collections.abc import Iterator
from datetime import datetime

from bitbucket.client import BitbucketClient
from bitbucket.page_sizes import MOST_PER_PAGE
from bitbucket.paths import path
from bitbucket.resources import Commit, Moment, Page, Resource
from bitbucket.scopes import needs


class EnvironmentKind(Resource, frozen=True, kw_only=True):
    """What an environment is for: `name` is Test, Staging or Production."""

    name: str | None = None


class Environment(Resource, frozen=True, kw_only=True):
    """Where things are deployed to. In a deployment only its `uuid` is told."""

    uuid: str | None = None
    name: str | None = None
    environment_type: EnvironmentKind | None = None


class DeploymentStatus(Resource, frozen=True, kw_only=True):
    """How a deployment ended: `name` is SUCCESSFUL, FAILED or STOPPED."""

    name: str | None = None


class DeploymentState(Resource, frozen=True, kw_only=True):
    """How far a deployment is: `name` is UNDEPLOYED, IN_PROGRESS or COMPLETED."""

    name: str | None = None
    status: DeploymentStatus | None = None
    start_date: Moment | None = None
    completion_date: Moment | None = None


class Release(Resource, frozen=True, kw_only=True):
    """What was deployed."""

    name: str | None = None
    commit: Commit | None = None
    created_on: Moment | None = None


class Deployment(Resource, frozen=True, kw_only=True):
    """One commit on its way to one environment, or there."""

    uuid: str | None = None
    state: DeploymentState | None = None
    environment: Environment | None = None
    release: Release | None = None

    @property
    def completed_at(self) -> datetime | None:
        """When it ended; None while it has not."""
        is_completed = self.state is not None and self.state.name == "COMPLETED"
        return self.state.completion_date if self.state is not None and is_completed else None


@needs("pipeline")
def page_of_deployments(client: BitbucketClient, workspace: str, repository_uuid: str) -> Page[Deployment]:
    """One page of the deployments; go on with `client.page_at(page.next, Deployment)`.

    No order is documented, and no filter. Without Pipelines the answer is an empty page or NotFound.
    """
    return client.page(
        path("repositories", workspace, repository_uuid, "deployments"), Deployment, params={"pagelen": MOST_PER_PAGE}
    )


@needs("pipeline")
def environments(client: BitbucketClient, workspace: str, repository_uuid: str) -> Iterator[Environment]:
    """Every environment of a repository."""
    return client.iterate(
        path("repositories", workspace, repository_uuid, "environments"), Environment, params={"pagelen": MOST_PER_PAGE}
    )
