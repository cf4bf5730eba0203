"""Hashes in the place of marks, once the repository is written."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.world.model import Activity, PullRequest, Repository


def settle(repository: Repository, hashes: dict[int, str]) -> None:
    """Replace every `:mark` in the repository's records by the hash that it became."""

    def settled(mark: str) -> str:
        return hashes[int(mark[1:])]

    for pull_request in repository.pull_requests.values():
        _settle_pull_request(pull_request, hashes)
    repository.build_statuses = {settled(mark): held for mark, held in repository.build_statuses.items()}
    for commit_hash, held in repository.build_statuses.items():
        for status in held.values():
            status.commit = commit_hash
    for deployment in repository.deployments:
        deployment.commit = settled(deployment.commit)


def _settle_pull_request(pull_request: PullRequest, hashes: dict[int, str]) -> None:
    pull_request.source_hash = hashes[int(pull_request.source_hash[1:])]
    pull_request.destination_hash = hashes[int(pull_request.destination_hash[1:])]
    if pull_request.merge_commit is not None:
        pull_request.merge_commit = hashes[int(pull_request.merge_commit[1:])]
    pull_request.activity = [_settled_activity(entry, hashes) for entry in pull_request.activity]


def _settled_activity(entry: Activity, hashes: dict[int, str]) -> Activity:
    if entry.update is None:
        return entry
    update = dataclasses.replace(
        entry.update,
        source_hash=hashes[int(entry.update.source_hash[1:])],
        destination_hash=hashes[int(entry.update.destination_hash[1:])],
    )
    return dataclasses.replace(entry, update=update)
