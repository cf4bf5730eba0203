"""Deployments as the API tells them, made into what is recorded: only those that have ended, and where to."""

from collections.abc import Iterable, Mapping

from bitbucket.deployments import Deployment, Environment
from connect.errors import IdentifierInvalid
from connect.identifiers import canonical_uuid
from insights.facts.repository import DeploymentFacts, EnvironmentType


def deployment_facts(told: Iterable[Deployment], environments: Iterable[Environment]) -> list[DeploymentFacts]:
    """The deployments that have ended, by what is known of their environments. What names no commit is left out."""
    known = {one.uuid: one for one in environments if one.uuid is not None}
    return [facts for one in told if (facts := _facts(one, known)) is not None]


def _facts(told: Deployment, known: Mapping[str, Environment]) -> DeploymentFacts | None:
    commit = told.release.commit if told.release is not None else None
    completed_at, uuid = told.completed_at, _uuid(told.uuid)
    if uuid is None or commit is None or completed_at is None:
        return None
    environment = _environment(told, known)
    status = told.state.status if told.state is not None else None
    return DeploymentFacts(
        uuid=uuid,
        environment=environment.name or "",
        environment_type=_type(environment),
        commit=commit.hash,
        completed_at=completed_at,
        was_successful=status is not None and status.name == "SUCCESSFUL",
    )


def _environment(told: Deployment, known: Mapping[str, Environment]) -> Environment:
    """A deployment names its environment by uuid; some answers tell more, which counts where the list does not know it."""
    if told.environment is None:
        return Environment()
    return known.get(told.environment.uuid or "", told.environment)


def _type(environment: Environment) -> EnvironmentType:
    """Not Production where nobody says so: a deployment that counts must have been one."""
    kind = environment.environment_type.name if environment.environment_type is not None else None
    return EnvironmentType(kind) if kind in set(EnvironmentType) else EnvironmentType.TEST


def _uuid(text: str | None) -> str | None:
    try:
        return None if text is None else canonical_uuid(text)
    except IdentifierInvalid:
        return None
