"""What build servers report on commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.world.model import BuildState, BuildStatus, Repository, User
    from simulator.world.world import World


def set_build_status(
    world: World,
    repository: Repository,
    *,
    actor: User,
    commit: str,
    key: str,
    state: BuildState,
    url: str = "",
    name: str = "",
    description: str = "",
    refname: str | None = None,
) -> BuildStatus:
    """Report build `key` of `commit`. Emits repo:commit_status_created, or _updated where the key was there."""
    raise NotImplementedError
